import { type ReactNode, useId } from "react";
import styles from "./page-section.module.css";

export interface PageSectionProps {
  title: string;
  lead: ReactNode;
  children: ReactNode;
}

/** A part of a page: what it is about at the side, where there is room, and what to do there. */
export function PageSection({ title, lead, children }: PageSectionProps) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.about}>
        <h2 id={id}>{title}</h2>
        <p className={styles.lead}>{lead}</p>
      </div>
      <div className={styles.content}>{children}</div>
    </section>
  );
}
