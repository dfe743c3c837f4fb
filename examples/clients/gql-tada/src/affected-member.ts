// A line of the list of those whom a change of options would send away.
import { type FragmentOf, graphql, readFragment } from "./graphql.js";

export const AffectedMember = graphql(`
  fragment AffectedMember on Member {
    name
    hasTwoFactor
    createdAt
  }
`);

export function affectedMember(masked: FragmentOf<typeof AffectedMember>): string {
  const { name, hasTwoFactor, createdAt } = readFragment(AffectedMember, masked);
  const lacks = hasTwoFactor === false ? ", has no second factor" : "";
  return `${name}, here since ${new Date(createdAt).getFullYear()}${lacks}`;
}
