import {
  KeyRound,
  ScrollText,
  Settings,
  ShieldCheck,
  UserPlus,
  Users,
  UsersRound,
  Webhook,
} from "lucide-react";
import { NavLink } from "react-router";
import styles from "./frame.module.css";
import { type OrganizationPage, paths } from "./paths.ts";

interface Entry {
  page: OrganizationPage;
  name: string;
  icon: typeof Users;
  /** Scopes of which one is needed to see anything there. */
  scopes: readonly string[];
}

const entries: readonly Entry[] = [
  { page: "members", name: "Members", icon: Users, scopes: ["member:read"] },
  { page: "invites", name: "Invites", icon: UserPlus, scopes: ["member:read"] },
  { page: "teams", name: "Teams", icon: UsersRound, scopes: ["org:read", "team:read"] },
  { page: "settings", name: "Settings", icon: Settings, scopes: ["org:read"] },
  { page: "audit-log", name: "Audit log", icon: ScrollText, scopes: ["org:write"] },
  { page: "api-tokens", name: "API tokens", icon: KeyRound, scopes: ["org:admin"] },
  { page: "sso", name: "Single sign-on", icon: ShieldCheck, scopes: ["org:admin"] },
  { page: "webhooks", name: "Webhooks", icon: Webhook, scopes: ["org:admin"] },
];

export interface NavigationProps {
  organization: { slug: string; viewerScopes: readonly string[] } | null;
}

/** The pages of the organization that the caller can see something on. */
export function Navigation({ organization }: NavigationProps) {
  return (
    <nav className={styles.nav} aria-label="Pages">
      {organization &&
        entries
          .filter(({ scopes }) => scopes.some((scope) => organization.viewerScopes.includes(scope)))
          .map(({ page, name, icon: Icon }) => (
            <NavLink
              key={page}
              to={paths.organization(organization.slug, page)}
              className={styles.link ?? ""}
            >
              <Icon size={17} aria-hidden="true" />
              {name}
            </NavLink>
          ))}
    </nav>
  );
}
