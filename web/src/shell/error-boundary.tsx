import { Component, type ReactNode } from "react";
import { NotGiven } from "../api/asked-once.ts";
import { unreachable } from "../api/errors.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorState } from "../ui/error-state.tsx";
import { BarePage } from "./bare-page.tsx";
import { reloadIfReachable } from "./page-module.tsx";

/** What is shown when a page cannot go on, through a fault of ours. */
function Fault() {
  return (
    <EmptyState
      title="Something went wrong"
      level={1}
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

export interface ErrorBoundaryProps {
  children: ReactNode;
  /** Going to another place tries again. */
  place?: string;
  /** Whether there is nothing around it that says which part of the page it is. */
  isAlone?: boolean;
}

interface ErrorBoundaryState {
  error: unknown;
  hasFailed: boolean;
  /** Whether the next failure is that of another try. */
  isTriedAgain: boolean;
}

const whole: ErrorBoundaryState = { error: undefined, hasFailed: false, isTriedAgain: false };

/** Keeps a fault of one part from taking everything else along, and tries again to load what could not be loaded. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state = whole;

  static getDerivedStateFromError(error: unknown) {
    return { error, hasFailed: true };
  }

  override componentDidCatch(error: unknown) {
    if (error instanceof NotGiven && this.state.isTriedAgain) reloadIfReachable();
  }

  override componentDidUpdate({ place }: ErrorBoundaryProps) {
    if (this.state.hasFailed && place !== this.props.place) this.#begin(whole);
  }

  override componentWillUnmount() {
    this.#forget();
  }

  #begin(state: ErrorBoundaryState) {
    this.#forget();
    this.setState(state);
  }

  #forget() {
    if (this.state.error instanceof NotGiven) this.state.error.forget();
  }

  override render() {
    const { error, hasFailed } = this.state;
    if (!hasFailed) return this.props.children;
    const shown =
      error instanceof NotGiven ? (
        <ErrorState
          failure={unreachable}
          level={1}
          onRetry={() => this.#begin({ ...whole, isTriedAgain: true })}
        />
      ) : (
        <Fault />
      );
    return this.props.isAlone ? <BarePage>{shown}</BarePage> : shown;
  }
}
