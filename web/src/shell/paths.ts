/** The pages of an organization, as they stand in addresses. */
export type OrganizationPage =
  | "members"
  | "invites"
  | "teams"
  | "settings"
  | "audit-log"
  | "api-tokens"
  | "sso"
  | "webhooks";

/** The addresses of all pages. */
export const paths = {
  home: "/console/",
  account: "/console/account",
  signIn: (next?: string) =>
    next ? `/console/sign-in?next=${encodeURIComponent(next)}` : "/console/sign-in",
  organization: (slug: string, page: OrganizationPage = "members") =>
    `/console/organizations/${encodeURIComponent(slug)}/${page}`,
  team: (slug: string, team: string) => `${paths.organization(slug, "teams")}/${encodeURIComponent(team)}`,
  invite: (token: string) => `/invite/${encodeURIComponent(token)}`,
};

/** Where to go on after signing in: a page of ours, whatever the address says. */
export function nextPath(asked: string | null): string {
  if (!asked) return paths.home;
  const url = new URL(asked, location.origin);
  const isOurs = url.origin === location.origin && /^\/(console|invite)\//.test(url.pathname);
  return isOurs ? url.pathname + url.search + url.hash : paths.home;
}
