import type { ReactNode } from "react";
import styles from "./outdated.module.css";

export interface OutdatedProps {
  /** Whether others are on their way. */
  isOutdated: boolean;
  children: ReactNode;
}

/** Rows that stay in view, dimmed under a thin line that moves, until those that are looked for are there. */
export function Outdated({ isOutdated, children }: OutdatedProps) {
  return (
    <div className={styles.outdated} aria-busy={isOutdated}>
      {isOutdated && <div className={styles.progress} role="progressbar" aria-label="Looking" />}
      {children}
    </div>
  );
}
