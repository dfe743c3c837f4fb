import { Component, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

/** What is shown when a page cannot go on, through a fault of ours. */
export function Fault() {
  return (
    <EmptyState
      title="Something went wrong"
      actions={
        <Button variant="primary" onPress={() => location.reload()}>
          Load the page again
        </Button>
      }
    >
      This page has stopped working. What you had saved is safe.
    </EmptyState>
  );
}

/** Keeps a fault of one part from taking everything else along. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? <Fault /> : this.props.children;
  }
}
