import * as v from "valibot";

/** Single sign-on, as it is set up or will be. */
export const SsoDraft = v.object({
  provider: v.string(),
  name: v.string(),
  isOptional: v.boolean(),
  isScimEnabled: v.boolean(),
});

export type SsoDraft = v.InferOutput<typeof SsoDraft>;

/** What is set up. */
export interface SsoSetUp {
  provider: string;
  name: string;
  isSsoOptional: boolean;
  isScimEnabled: boolean;
}

/** The draft of what nobody has touched; `null`: nothing is set up. */
export function draftOf(present: SsoSetUp | null): SsoDraft {
  return {
    provider: present?.provider ?? "",
    name: present?.name ?? "",
    isOptional: present?.isSsoOptional ?? false,
    isScimEnabled: present?.isScimEnabled ?? false,
  };
}

/** What saving a draft brings about, in sentences, as far as somebody will notice. */
export function consequencesOf(
  present: SsoSetUp | null,
  draft: SsoDraft,
  isTwoFactorRequired: boolean,
): string[] {
  const isNew = present?.provider !== draft.provider;
  const becomesRequired = !draft.isOptional && (isNew || present?.isSsoOptional === true);
  return [
    present !== null &&
      isNew &&
      `Identities that were linked to ${present.name} are removed: everybody has to link again.`,
    becomesRequired &&
      "Every member has to sign in through the provider and link that identity before they get in again. You too.",
    draft.isOptional &&
      present?.isSsoOptional === false &&
      !isNew &&
      "Members get in without the provider again. What they have linked stays.",
    isTwoFactorRequired &&
      "Two-factor authentication is not required here any more: a second factor is the provider's business then.",
    present?.isScimEnabled === true && !draft.isScimEnabled && endOfScim,
  ].filter((sentence) => sentence !== false);
}

/** What removing single sign-on brings about. */
export function consequencesOfRemoval(present: SsoSetUp): string[] {
  return [
    `Everybody gets in as they did before ${present.name} was set up. What they have linked is removed.`,
    ...(present.isScimEnabled ? [endOfScim] : []),
  ];
}

const endOfScim =
  "Members and teams that SCIM has provisioned stay, and are changed here from now on instead of at the provider.";
