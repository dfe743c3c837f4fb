import type { SetMemberFlagsInput } from "../../gql/graphql.ts";
import type { Tone } from "../../ui/alert.tsx";

/** What is special about a membership, in words. */
export interface FlagText {
  flag: Exclude<keyof SetMemberFlagsInput, "memberId">;
  name: string;
  description: string;
  tone?: Tone;
}

export const flagTexts: readonly FlagText[] = [
  {
    flag: "memberLimitRestricted",
    name: "Disabled",
    description:
      "The organization has more members than it may have. The person can only look at this and leave.",
    tone: "danger",
  },
  {
    flag: "ssoInvalid",
    name: "Sign-on lapsed",
    description:
      "The linked identity is not valid any more. The person has to sign in through the provider again.",
    tone: "warning",
  },
  {
    flag: "ssoLinked",
    name: "Single sign-on",
    description: "The person has linked an identity of the organization's sign-on provider.",
    tone: "success",
  },
  {
    flag: "idpProvisioned",
    name: "From the provider",
    description: "Created by the identity provider, and cannot be removed here.",
  },
  {
    flag: "idpRoleRestricted",
    name: "Role from the provider",
    description: "The role is managed by the identity provider, and cannot be changed here.",
  },
  {
    flag: "partnershipRestricted",
    name: "Partner",
    description: "Managed by a partner: can be neither changed nor removed.",
  },
];
