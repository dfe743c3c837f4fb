import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";

/** Servers that are told what happens here. */
export function Component() {
  return (
    <>
      <PageHeader title="Webhooks" lead="Servers that are told what happens here." />
      <EmptyState title="This page is being built" />
    </>
  );
}
