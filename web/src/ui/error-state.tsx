import { CloudAlert } from "lucide-react";
import type { Failure } from "../api/errors.ts";
import { Button } from "./button.tsx";
import { classNames } from "./class-names.ts";
import styles from "./state.module.css";

export interface ErrorStateProps {
  failure: Failure;
  onRetry?: () => void;
  /** Of the heading: 1 where nothing else is on the page. */
  level?: 1 | 2;
}

/** What is shown where something could not be read: what happened, how to report it, and another try. */
export function ErrorState({ failure, onRetry, level = 2 }: ErrorStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={classNames(styles.state)} role="alert">
      <CloudAlert size={28} className={styles.icon} aria-hidden="true" />
      <Heading>{failure.title}</Heading>
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
