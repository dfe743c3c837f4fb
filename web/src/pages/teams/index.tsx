import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** Teams and who is in them. */
export function Component() {
  return (
    <>
      <PageHeader title="Teams" lead="Teams and who is in them." />
      <EmptyState title="This page is being built" />
    </>
  );
}
