import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** One team and who is in it. */
export function Component() {
  return (
    <>
      <PageHeader title="Team" />
      <EmptyState title="This page is being built" />
    </>
  );
}
