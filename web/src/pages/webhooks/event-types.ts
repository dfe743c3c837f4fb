import type { OrganizationEventType } from "../../gql/graphql.ts";

/** What each type of event tells. The compiler asks for a text when the API has a new type. */
export const eventTexts: Readonly<Record<OrganizationEventType, string>> = {
  MEMBER_UPDATED: "A member joined or changed.",
  MEMBER_REMOVED: "A member is not listed any more.",
  INVITE_UPDATED: "An invite or request came, changed or went.",
  TEAM_UPDATED: "A team came or changed.",
  TEAM_DELETED: "A team is gone.",
  TEAM_MEMBERSHIP_UPDATED: "Somebody's place in a team came, changed or went.",
  ORGANIZATION_UPDATED: "The organization, its settings, picture or single sign-on changed.",
  ORGANIZATION_DELETED: "The organization is gone: the last that a webhook is told.",
};

/** A type as receivers see it: `member.updated`. */
export function typeName(type: OrganizationEventType): string {
  const end = type.lastIndexOf("_");
  return `${type.slice(0, end)}.${type.slice(end + 1)}`.toLowerCase();
}

/** All types, those of the same thing side by side. */
export const eventTypes: readonly OrganizationEventType[] = [
  "MEMBER_UPDATED",
  "MEMBER_REMOVED",
  "INVITE_UPDATED",
  "TEAM_UPDATED",
  "TEAM_DELETED",
  "TEAM_MEMBERSHIP_UPDATED",
  "ORGANIZATION_UPDATED",
  "ORGANIZATION_DELETED",
];
