import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** Who you are, and where you are a member. */
export function Component() {
  return (
    <>
      <PageHeader title="Your account" lead="Who you are, and where you are a member." />
      <EmptyState title="This page is being built" />
    </>
  );
}
