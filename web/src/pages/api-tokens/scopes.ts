/** A family of scopes: each of them is about the same things. */
export interface ScopeFamily {
  name: string;
  scopes: readonly ScopeText[];
}

/** What a scope lets its holder do. */
export interface ScopeText {
  scope: string;
  description: string;
}

/** All scopes in words, the weakest of each family first. */
export const scopeFamilies: readonly ScopeFamily[] = [
  {
    name: "Organization",
    scopes: [
      { scope: "org:read", description: "See the organization, its settings and its teams." },
      { scope: "org:write", description: "Change settings and teams, and read the audit log." },
      {
        scope: "org:admin",
        description: "Single sign-on, API tokens, webhooks, and the deletion of the organization.",
      },
      { scope: "org:integrations", description: "Manage what the organization is connected with." },
      { scope: "org:ci", description: "What builds and releases need, and no more." },
    ],
  },
  {
    name: "Members",
    scopes: [
      { scope: "member:read", description: "See members, their addresses and roles, and invites." },
      { scope: "member:invite", description: "Invite people." },
      { scope: "member:write", description: "Invite people, and decide on requests." },
      { scope: "member:admin", description: "Change roles, remove members, withdraw invites." },
    ],
  },
  {
    name: "Teams",
    scopes: [
      { scope: "team:read", description: "See teams and who is in them." },
      { scope: "team:write", description: "Create and change teams, and put members into them." },
      { scope: "team:admin", description: "Delete teams." },
    ],
  },
  {
    name: "Projects",
    scopes: [
      { scope: "project:read", description: "See projects." },
      { scope: "project:write", description: "Change projects." },
      { scope: "project:admin", description: "Create and delete projects." },
      { scope: "project:releases", description: "Publish releases." },
    ],
  },
  {
    name: "Events",
    scopes: [
      { scope: "event:read", description: "See events and issues." },
      { scope: "event:write", description: "Change issues." },
      { scope: "event:admin", description: "Delete events and issues." },
    ],
  },
  {
    name: "Alerts",
    scopes: [
      { scope: "alerts:read", description: "See alerts." },
      { scope: "alerts:write", description: "Create and change alerts." },
    ],
  },
];

/** What each scope brings by itself. */
const implied: Readonly<Record<string, readonly string[]>> = {
  "org:admin": ["org:write", "org:integrations"],
  "org:write": ["org:read"],
  "member:admin": ["member:write", "member:invite"],
  "member:write": ["member:read", "member:invite"],
  "member:invite": ["member:read"],
  "team:admin": ["team:write"],
  "team:write": ["team:read"],
  "project:admin": ["project:write"],
  "project:write": ["project:read"],
  "event:admin": ["event:write"],
  "event:write": ["event:read"],
  "alerts:write": ["alerts:read"],
};

/** What the chosen scopes bring beyond themselves, each with the scope that brings it. */
export function impliedBy(chosen: readonly string[]): ReadonlyMap<string, string> {
  const brought = new Map<string, string>();
  for (const scope of chosen) {
    const waiting = [...(implied[scope] ?? [])];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!brought.has(next)) brought.set(next, scope);
      waiting.push(...(implied[next] ?? []));
    }
  }
  return brought;
}

/** The scopes to ask for: what others among them bring anyway is left out. */
export function leastScopes(chosen: readonly string[]): string[] {
  const brought = impliedBy(chosen);
  return chosen.filter((scope) => !brought.has(scope));
}

/** The families with only those scopes that are offered; scopes that are not known have a family of their own. */
export function familiesOf(offered: readonly string[]): ScopeFamily[] {
  const families = scopeFamilies.map(({ name, scopes }) => ({
    name,
    scopes: scopes.filter(({ scope }) => offered.includes(scope)),
  }));
  const known = new Set(scopeFamilies.flatMap(({ scopes }) => scopes.map(({ scope }) => scope)));
  const others = offered.filter((scope) => !known.has(scope));
  return [...families, { name: "More", scopes: others.map((scope) => ({ scope, description: "" })) }].filter(
    ({ scopes }) => scopes.length > 0,
  );
}
