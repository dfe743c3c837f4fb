import { createContext, use, useEffect, useMemo, useState } from "react";
import { Outlet, useParams } from "react-router";
import { useQuery } from "urql";
import { failureOf } from "../api/errors.ts";
import type { ShellQuery } from "../gql/graphql.ts";
import { ErrorState } from "../ui/error-state.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { DeletionNotice } from "./deletion-notice.tsx";
import { rememberOrganization } from "./last-organization.ts";
import { NoMember } from "./no-member.tsx";
import { NotFound } from "./not-found.tsx";
import { isRequirement, RequirementGate } from "./requirement-gate.tsx";
import { Shell } from "./shell-query.ts";

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

  const [last, setLast] = useState(open);
  if (open && open !== last) setLast(open);

  if (open) {
    return (
      // Another organization is another page: nothing of the last one stays in view.
      <Context key={open.id} value={open}>
        <DeletionNotice />
        <Outlet />
      </Context>
    );
  }
  if (error) {
    const failure = failureOf(error);
    if (isRequirement(failure.code)) return <RequirementGate slug={slug} requirement={failure.code} />;
    return <ErrorState failure={failure} level={1} onRetry={read} />;
  }
  if (!data) return <SkeletonRows />;
  return last?.slug === slug ? <NoMember name={last.name} /> : <NotFound what="organization" />;
}
