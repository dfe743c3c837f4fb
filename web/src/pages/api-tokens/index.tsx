import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** Credentials of apps. */
export function Component() {
  return (
    <>
      <PageHeader title="API tokens" lead="Credentials of apps." />
      <EmptyState title="This page is being built" />
    </>
  );
}
