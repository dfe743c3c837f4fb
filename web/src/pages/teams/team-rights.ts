/** Where the caller stands in the organization, as far as teams go by it. */
export interface Standing {
  can: (scope: string) => boolean;
  isSuperuser: boolean;
  /** Whether members may join and leave every team freely. */
  isOpen: boolean;
  /** The caller's membership. Null for superusers and apps, which have none. */
  member: {
    id: string;
    role: { isGlobal: boolean; isTeamRolesAllowed: boolean; minimumTeamRole: { priority: number } };
  } | null;
}

/** The part of a team that the caller's rights depend on. */
export interface RightsOfTeam {
  isIdpProvisioned: boolean;
  viewerCanJoin: boolean;
  viewerCanUpdate: boolean;
  viewerMembership: { effectiveRole: { priority: number; scopes: readonly string[] } } | null;
}

/** What the caller may do with a team, so that nothing is offered that would be refused. */
export interface TeamRights {
  canUpdate: boolean;
  canDelete: boolean;
  /** Whether the caller takes others out and changes their roles. */
  canManageMembers: boolean;
  /** Whether members may be put into the team here at all, by the caller or by whoever decides. */
  canAddMembers: boolean;
  /** Whether whom the caller adds is in the team at once. Else it opens a request. */
  addsAtOnce: boolean;
  /** What the caller can do for themselves. */
  own: "join" | "ask" | "leave" | null;
  /** The rank of the highest team role that the caller gives and takes. */
  highestRole: number;
}

/** The rules of the API, which says itself only who updates and who joins. */
export function rightsOf(team: RightsOfTeam, { can, isSuperuser, isOpen, member }: Standing): TeamRights {
  const place = team.viewerMembership;
  const isManaged = team.isIdpProvisioned;
  const needsNoPlace = isSuperuser || member === null;
  const holds = (scope: string) => can(scope) || place?.effectiveRole.scopes.includes(scope) === true;
  const administers = can("org:write") || (holds("team:write") && (place !== null || needsNoPlace));
  const reach = place?.effectiveRole.priority ?? member?.role.minimumTeamRole.priority ?? -1;

  return {
    canUpdate: team.viewerCanUpdate,
    canDelete: team.viewerCanUpdate && !isManaged && (can("org:write") || holds("team:admin")),
    canManageMembers: administers,
    canAddMembers: !isManaged && can("member:read"),
    addsAtOnce: isOpen || member?.role.isGlobal === true || administers,
    own: ownWay(team, member),
    highestRole: needsNoPlace ? Number.POSITIVE_INFINITY : reach,
  };
}

function ownWay(team: RightsOfTeam, member: Standing["member"]): TeamRights["own"] {
  if (member === null || team.isIdpProvisioned) return null;
  if (team.viewerMembership) return "leave";
  if (team.viewerCanJoin) return "join";
  return member.role.isTeamRolesAllowed ? "ask" : null;
}
