import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** Who did what, and when. */
export function Component() {
  return (
    <>
      <PageHeader title="Audit log" lead="Who did what, and when." />
      <EmptyState title="This page is being built" />
    </>
  );
}
