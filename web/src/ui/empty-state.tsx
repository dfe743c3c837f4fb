import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import styles from "./state.module.css";

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** Why there is nothing, and how there will be something. */
  children?: ReactNode;
  actions?: ReactNode;
  /** Of the heading: 1 where nothing else is on the page. */
  level?: 1 | 2;
}

/** What is shown where there is nothing to show. */
export function EmptyState({ icon, title, children, actions, level = 2 }: EmptyStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={classNames(styles.state)}>
      {icon && (
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
      )}
      <Heading>{title}</Heading>
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
