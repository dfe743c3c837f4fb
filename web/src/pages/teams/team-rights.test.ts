import { describe, expect, it } from "vitest";
import { type RightsOfTeam, rightsOf, type Standing } from "./team-rights.ts";

const contributor = { priority: 0, scopes: ["team:read"] };
const admin = { priority: 1, scopes: ["team:read", "team:write", "team:admin"] };

const member = {
  id: "1",
  role: { isGlobal: false, isTeamRolesAllowed: true, minimumTeamRole: { priority: 0 } },
};

function standing(scopes: readonly string[], changes: Partial<Standing> = {}): Standing {
  return { can: (scope) => scopes.includes(scope), isSuperuser: false, isOpen: false, member, ...changes };
}

function team(changes: Partial<RightsOfTeam> = {}): RightsOfTeam {
  return {
    isIdpProvisioned: false,
    viewerCanJoin: false,
    viewerCanUpdate: false,
    viewerMembership: null,
    ...changes,
  };
}

describe("rightsOf", () => {
  it("lets plain members ask where membership is closed", () => {
    expect(rightsOf(team(), standing(["member:read"]))).toMatchObject({
      own: "ask",
      canAddMembers: true,
      addsAtOnce: false,
      canManageMembers: false,
      canDelete: false,
    });
  });

  it("lets them join and add where it is open, and still manage nobody", () => {
    const rights = rightsOf(team({ viewerCanJoin: true }), standing(["member:read"], { isOpen: true }));
    expect(rights).toMatchObject({ own: "join", addsAtOnce: true, canManageMembers: false });
  });

  it("gives rights by the role in the team, there alone", () => {
    const own = { viewerMembership: { effectiveRole: admin }, viewerCanUpdate: true };
    expect(rightsOf(team(own), standing([]))).toMatchObject({
      own: "leave",
      canManageMembers: true,
      canDelete: true,
      highestRole: 1,
    });
    expect(rightsOf(team({ viewerMembership: { effectiveRole: contributor } }), standing([]))).toMatchObject({
      canManageMembers: false,
      highestRole: 0,
    });
  });

  it("asks for a place in the team of whoever has only team:write", () => {
    expect(rightsOf(team(), standing(["team:write"])).canManageMembers).toBe(false);
    expect(rightsOf(team(), standing(["org:write"])).canManageMembers).toBe(true);
    expect(rightsOf(team(), standing(["team:write"], { member: null })).canManageMembers).toBe(true);
  });

  it("leaves teams of the identity provider alone", () => {
    const managed = team({ isIdpProvisioned: true, viewerCanUpdate: true });
    expect(rightsOf(managed, standing(["org:write", "member:read"]))).toMatchObject({
      own: null,
      canAddMembers: false,
      canDelete: false,
      canUpdate: true,
    });
  });
});
