import { type ReactNode, useEffect } from "react";
import styles from "./page-header.module.css";

export interface PageHeaderProps {
  title: string;
  /** How many of them there are. */
  count?: number | undefined;
  /** What the page is for, in a sentence. */
  lead?: ReactNode;
  actions?: ReactNode;
}

/** The head of a page. It names the window, too. */
export function PageHeader({ title, count, lead, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Roster`;
  }, [title]);

  return (
    <header className={styles.header}>
      <div className={styles.texts}>
        <h1>
          {title} {count !== undefined && <span className={styles.count}>{count.toLocaleString()}</span>}
        </h1>
        {lead && <p className={styles.lead}>{lead}</p>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}
