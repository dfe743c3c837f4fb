/** Kinds of events that belong together. */
export interface EventArea {
  id: string;
  name: string;
  kinds: readonly EventKind[];
}

/** A kind of event, by its name in the API. */
export interface EventKind {
  id: string;
  /** What it is called where one chooses. */
  name: string;
}

/** The kinds that have words. Those of a later server than this console are readable all the same: entries say what they are. */
export const eventAreas: readonly EventArea[] = [
  {
    id: "members",
    name: "Members",
    kinds: [
      { id: "member.accept-invite", name: "Joined" },
      { id: "member.add", name: "Added" },
      { id: "member.edit", name: "Changed" },
      { id: "member.pending", name: "Held to a requirement" },
      { id: "member.remove", name: "Removed, or left" },
      { id: "member.join-team", name: "Joined a team" },
      { id: "member.leave-team", name: "Left a team" },
    ],
  },
  {
    id: "invites",
    name: "Invites",
    kinds: [
      { id: "member.invite", name: "Invited" },
      { id: "member.reinvite", name: "Invited again" },
      { id: "invite.remove", name: "Withdrawn" },
      { id: "invite-request.create", name: "Requested" },
      { id: "invite-request.remove", name: "Request rejected" },
    ],
  },
  {
    id: "organization",
    name: "Organization",
    kinds: [
      { id: "org.create", name: "Created" },
      { id: "org.edit", name: "Settings changed" },
      { id: "org.remove", name: "Deletion asked for" },
      { id: "org.restore", name: "Restored" },
    ],
  },
  {
    id: "teams",
    name: "Teams",
    kinds: [
      { id: "team.create", name: "Created" },
      { id: "team.edit", name: "Changed" },
      { id: "team.remove", name: "Deleted" },
    ],
  },
  {
    id: "webhooks",
    name: "Webhooks",
    kinds: [
      { id: "webhook.create", name: "Created" },
      { id: "webhook.edit", name: "Changed" },
      { id: "webhook.rotate", name: "New secret" },
      { id: "webhook.disable", name: "Disabled" },
      { id: "webhook.remove", name: "Removed" },
    ],
  },
];

/** A kind of event in words: “Teams: created”. One without words is its name. */
export function eventName(id: string): string {
  for (const area of eventAreas) {
    const kind = area.kinds.find((known) => known.id === id);
    if (kind) return `${area.name}: ${kind.name.toLowerCase()}`;
  }
  return id;
}
