import type { Cache, DataFields, UpdatesConfig } from "@urql/exchange-graphcache";
import { applyEvent } from "./events.ts";
import { type List, staleLists, staleOrganizations, staleTeams, staleViewer } from "./stale.ts";

/** What a mutation does to what was read before. What its payload selects is written into the cache without a word. */
interface Effect {
  /** Lists that may have other entries, or another order. */
  lists?: readonly List[];
  /** The object that is gone: its type, and the field of the payload that has its id. */
  gone?: readonly [typename: string, idField: string];
  /** Whether somebody may be in other teams, or have another role there. */
  isTeamStale?: boolean;
  /** Whether organizations may have changed, or what the caller may do there. */
  isOrganizationStale?: boolean;
  /** Whether the caller may be in other organizations, or be somebody else there. */
  isViewerStale?: boolean;
}

const effects: Readonly<Record<string, Effect>> = {
  acceptInvite: { lists: ["members", "invites"], isViewerStale: true },
  addTeamMember: { lists: ["teamAccessRequests"], isTeamStale: true },
  approveInviteRequest: { lists: ["invites", "members"] },
  createApiToken: { lists: ["apiTokens"] },
  createInvite: { lists: ["invites", "members"] },
  createInvites: { lists: ["invites", "members"] },
  createOrganization: { isViewerStale: true },
  createTeam: { lists: ["teams"] },
  createWebhook: { lists: ["webhooks"] },
  decideTeamAccessRequest: {
    lists: ["teamAccessRequests"],
    gone: ["TeamAccessRequest", "closedRequestId"],
    isTeamStale: true,
  },
  deleteOrganization: { isOrganizationStale: true },
  deleteTeam: { lists: ["teams", "teamAccessRequests"], gone: ["Team", "deletedTeamId"] },
  deleteWebhook: { lists: ["webhooks"], gone: ["Webhook", "deletedWebhookId"] },
  leaveOrganization: { isViewerStale: true },
  linkSsoIdentity: { isOrganizationStale: true, isViewerStale: true },
  rejectInviteRequest: { lists: ["invites"], gone: ["Invite", "rejectedInviteId"] },
  removeMember: { lists: ["members", "invites"], gone: ["Member", "removedMemberId"] },
  removeTeamMember: { gone: ["TeamMembership", "removedTeamMembershipId"], isTeamStale: true },
  requestInvite: { lists: ["invites"] },
  resendInvite: {},
  revokeApiToken: { lists: ["apiTokens"], gone: ["ApiToken", "revokedApiTokenId"] },
  revokeInvite: { lists: ["invites", "members"], gone: ["Invite", "revokedInviteId"] },
  rotateWebhookSecret: {},
  saveOrgOptions: { lists: ["members", "invites"], isOrganizationStale: true },
  saveViewerAvatar: {},
  setAuthProvider: { lists: ["members", "team", "teams"], isOrganizationStale: true },
  setMemberFlags: {},
  transferOwnership: { isOrganizationStale: true },
  updateMemberRoles: { isTeamStale: true },
  updateTeam: { lists: ["teams"] },
  updateTeamMemberRole: {},
  updateWebhook: {},
};

/** Applies what mutations and events say to what is in the cache, and has read again what they do not say. */
export const updates: UpdatesConfig = {
  Mutation: Object.fromEntries(
    Object.entries(effects).map(([field, effect]) => [
      field,
      (result: DataFields, args: { input?: { dryRun?: unknown } }, cache: Cache) => {
        if (args.input?.dryRun !== true) apply(effect, result[field], cache);
      },
    ]),
  ),
  Subscription: {
    organizationEvents: (result, _args, cache) => applyEvent(result.organizationEvents, cache),
  },
};

function apply(effect: Effect, payload: unknown, cache: Cache): void {
  if (!isDone(payload)) return;
  if (effect.gone) {
    const [typename, idField] = effect.gone;
    const id = payload[idField];
    if (typeof id === "string") cache.invalidate({ __typename: typename, id });
  }
  staleLists(cache, [...(effect.lists ?? []), "auditLog"]);
  if (effect.isTeamStale) staleTeams(cache);
  if (effect.isOrganizationStale) staleOrganizations(cache);
  if (effect.isViewerStale) staleViewer(cache);
}

/** Whether a payload tells of something that was done: what was refused has changed nothing. */
function isDone(payload: unknown): payload is Record<string, unknown> {
  if (typeof payload !== "object" || payload === null) return false;
  return !("userErrors" in payload && Array.isArray(payload.userErrors) && payload.userErrors.length > 0);
}
