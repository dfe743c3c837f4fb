import { CloudAlert } from "lucide-react";
import type { Failure } from "../api/errors.ts";
import { Button } from "./button.tsx";
import { classNames } from "./class-names.ts";
import styles from "./state.module.css";

export interface ErrorStateProps {
  failure: Failure;
  onRetry?: () => void;
}

/** What is shown where something could not be read: what happened, how to report it, and another try. */
export function ErrorState({ failure, onRetry }: ErrorStateProps) {
  return (
    <div className={classNames(styles.state)} role="alert">
      <CloudAlert size={28} className={styles.icon} aria-hidden="true" />
      <h2>{failure.title}</h2>
      <p className={styles.text}>{failure.message}</p>
      {onRetry && failure.isPassing && (
        <div className={styles.actions}>
          <Button onPress={onRetry}>Try again</Button>
        </div>
      )}
      {failure.requestId && <p className={styles.reference}>Request {failure.requestId}</p>}
    </div>
  );
}
