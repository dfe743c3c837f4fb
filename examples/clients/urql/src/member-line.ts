// A line of the list of members: says itself what it needs of a member.
import { type FragmentType, graphql, readFragment } from "./generated/index.js";

export const MemberLine = graphql(`
  fragment MemberLine on Member {
    id
    name
    isPending
    role {
      id
      name
    }
  }
`);

export function memberLine(masked: FragmentType<typeof MemberLine>): string {
  const member = readFragment(MemberLine, masked);
  return `${member.name}, ${member.role.name}${member.isPending ? ", invited" : ""}`;
}
