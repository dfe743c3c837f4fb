import type { Cache, OptimisticMutationConfig } from "@urql/exchange-graphcache";
import type { SetMemberFlagsInput, UpdateMemberRolesInput } from "../gql/graphql.ts";

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
};

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
