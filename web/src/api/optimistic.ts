import type { Cache, OptimisticMutationConfig } from "@urql/exchange-graphcache";
import type {
  SetMemberFlagsInput,
  UpdateMemberRolesInput,
  UpdateTeamMemberRoleInput,
  UpdateWebhookInput,
} from "../gql/graphql.ts";

/**
 * What mutations will most likely answer, shown until they do. A refusal takes it back by itself. Only for what people
 * change in place and expect to see at once; everything else can wait for its answer.
 */
export const optimistic: OptimisticMutationConfig = {
  updateMemberRoles: ({ input }: { input: UpdateMemberRolesInput }, cache) => ({
    __typename: "UpdateMemberRolesPayload",
    acceptUrl: null,
    clearedTeamMemberships: [],
    userErrors: [],
    member: {
      __typename: "Member",
      id: input.memberId,
      ...(input.orgRole && { role: { __typename: "OrgRole", id: input.orgRole } }),
      ...(input.teamRoles && { teamMemberships: remainingTeams(input, cache) }),
    },
  }),
  setMemberFlags: ({ input: { memberId, ...flags } }: { input: SetMemberFlagsInput }) => ({
    __typename: "SetMemberFlagsPayload",
    userErrors: [],
    member: { __typename: "Member", id: memberId, flags: { __typename: "MemberFlags", ...flags } },
  }),
  updateTeamMemberRole: ({ input }: { input: UpdateTeamMemberRoleInput }, cache) => {
    const id = membershipIn(input, cache);
    const effectiveRole = { __typename: "TeamRole", id: input.teamRole };
    return {
      __typename: "UpdateTeamMemberRolePayload",
      userErrors: [],
      teamMembership: id === null ? null : { __typename: "TeamMembership", id, effectiveRole },
    };
  },
  updateWebhook: ({ input: { webhookId, isEnabled } }: { input: UpdateWebhookInput }) => ({
    __typename: "UpdateWebhookPayload",
    userErrors: [],
    webhook: {
      __typename: "Webhook",
      id: webhookId,
      ...(typeof isEnabled === "boolean" && {
        isEnabled,
        disabledAt: isEnabled ? null : new Date().toISOString(),
        disabledReason: isEnabled ? null : "REQUESTED",
      }),
    },
  }),
};

/** The id of a member's place in a team, if it was read. */
function membershipIn({ teamId, memberId }: UpdateTeamMemberRoleInput, cache: Cache): string | null {
  const member = cache.keyOfEntity({ __typename: "Member", id: memberId });
  const team = cache.keyOfEntity({ __typename: "Team", id: teamId });
  for (const { fieldName, fieldKey } of cache.inspectFields(team)) {
    const page = fieldName === "memberships" ? cache.resolve(team, fieldKey) : null;
    const memberships = typeof page === "string" ? cache.resolve(page, "nodes") : null;
    if (!Array.isArray(memberships)) continue;
    const found = memberships.find(
      (key) => typeof key === "string" && cache.resolve(key, "member") === member,
    );
    const id = typeof found === "string" ? cache.resolve(found, "id") : null;
    if (typeof id === "string") return id;
  }
  return null;
}

/** The teams that a member stays in. Those to come have no id yet, and are not shown before the answer has them. */
function remainingTeams({ memberId, teamRoles }: UpdateMemberRolesInput, cache: Cache) {
  const memberships = cache.resolve({ __typename: "Member", id: memberId }, "teamMemberships");
  if (!Array.isArray(memberships)) return [];
  return memberships.flatMap((membership) => {
    if (typeof membership !== "string") return [];
    const team = cache.resolve(membership, "team");
    const slug = typeof team === "string" ? cache.resolve(team, "slug") : null;
    const id = cache.resolve(membership, "id");
    const wanted = teamRoles?.find(({ teamSlug }) => teamSlug === slug);
    if (!wanted || typeof id !== "string") return [];
    const role = wanted.role ? { __typename: "TeamRole", id: wanted.role } : null;
    return [{ __typename: "TeamMembership", id, role }];
  });
}
