import { createContext, use, useEffect, useMemo } from "react";
import { Outlet, useParams } from "react-router";
import { useQuery } from "urql";
import { failureOf } from "../api/errors.ts";
import type { ShellQuery } from "../gql/graphql.ts";
import { ErrorState } from "../ui/error-state.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { rememberOrganization } from "./last-organization.ts";
import { NotFound } from "./not-found.tsx";
import { Shell } from "./shell-query.ts";
import { SsoGate } from "./sso-gate.tsx";

/** The organization that is open, and what the caller may do there. */
export interface OpenOrganization extends NonNullable<ShellQuery["organization"]> {
  /** Whether the caller has a scope here and now, such as `member:admin`. */
  can: (scope: string) => boolean;
  isSuperuser: boolean;
}

const Context = createContext<OpenOrganization | null>(null);

/** The organization that is open. */
export function useOrganization(): OpenOrganization {
  const organization = use(Context);
  if (!organization) throw new Error("No organization is open here.");
  return organization;
}

/** Opens the organization of the address for the pages inside. */
export function Component() {
  const { organization: slug = "" } = useParams();
  const [{ data, error }, read] = useQuery({ query: Shell, variables: { slug, isInOrganization: true } });
  const organization = data?.organization;

  const open = useMemo(
    () =>
      organization && {
        ...organization,
        can: (scope: string) => organization.viewerScopes.includes(scope),
        isSuperuser: data.viewer?.isSuperuser ?? false,
      },
    [data, organization],
  );

  useEffect(() => {
    if (open) rememberOrganization(open.slug);
  }, [open]);

  if (open) {
    return (
      // Another organization is another page: nothing of the last one stays in view.
      <Context key={open.id} value={open}>
        <Outlet />
      </Context>
    );
  }
  if (error) {
    const failure = failureOf(error);
    if (failure.code === "SSO_REQUIRED") return <SsoGate slug={slug} />;
    return <ErrorState failure={failure} onRetry={read} />;
  }
  return data ? <NotFound what="organization" /> : <SkeletonRows />;
}
