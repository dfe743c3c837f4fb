import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** Options of the organization. */
export function Component() {
  return (
    <>
      <PageHeader title="Settings" lead="Options of the organization." />
      <EmptyState title="This page is being built" />
    </>
  );
}
