import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** The provider through which members sign in. */
export function Component() {
  return (
    <>
      <PageHeader title="Single sign-on" lead="The provider through which members sign in." />
      <EmptyState title="This page is being built" />
    </>
  );
}
