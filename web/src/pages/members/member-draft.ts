import * as v from "valibot";

const TeamDraft = v.object({
  slug: v.string(),
  name: v.string(),
  /** Null: what the org role gives. */
  role: v.nullable(v.string()),
});

/** A team and the role there, before it is saved. */
export type TeamDraft = v.InferOutput<typeof TeamDraft>;

/** Role and teams of a member, before they are saved. */
export const MemberDraft = v.object({ orgRole: v.string(), teams: v.pipe(v.array(TeamDraft), v.readonly()) });

export type MemberDraft = v.InferOutput<typeof MemberDraft>;

/** The part of a member that a draft is about. */
export interface DraftedMember {
  role: { id: string };
  teamMemberships: readonly { team: { slug: string; name: string }; role: { id: string } | null }[];
}

/** The draft of a member that nobody has touched. */
export function draftOf(member: DraftedMember): MemberDraft {
  return {
    orgRole: member.role.id,
    teams: member.teamMemberships.map(({ team, role }) => ({
      slug: team.slug,
      name: team.name,
      role: role?.id ?? null,
    })),
  };
}

/** What of a draft is to be saved: what differs from the member, and nothing else. */
export function changesOf(member: DraftedMember, draft: MemberDraft) {
  const { orgRole, teams } = draftOf(member);
  const isTeamsChanged = JSON.stringify(sorted(teams)) !== JSON.stringify(sorted(draft.teams));
  return {
    ...(draft.orgRole !== orgRole && { orgRole: draft.orgRole }),
    ...(isTeamsChanged && {
      teamRoles: draft.teams.map(({ slug, role }) => ({ teamSlug: slug, role })),
    }),
  };
}

function sorted(teams: readonly TeamDraft[]) {
  return teams.map(({ slug, role }) => [slug, role]).sort();
}
