import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** Invites that are open, and requests to approve. */
export function Component() {
  return (
    <>
      <PageHeader title="Invites" lead="Invites that are open, and requests to approve." />
      <EmptyState title="This page is being built" />
    </>
  );
}
