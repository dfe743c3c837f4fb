import { EmptyState } from "../../ui/empty-state.tsx";

/** What the link of an invite leads to. */
export function Component() {
  return <EmptyState title="This page is being built" />;
}
