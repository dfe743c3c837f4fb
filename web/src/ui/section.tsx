import { type ReactNode, useId } from "react";
import { classNames } from "./class-names.ts";
import styles from "./section.module.css";

export interface SectionProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** Of the heading: under that of a page, or of a drawer. */
  level?: 2 | 3;
  /** Whether a line is drawn around the content. */
  isCard?: boolean;
  children: ReactNode;
}

/** A part of a page or drawer with a heading of its own. */
export function Section({ title, lead, actions, level = 3, isCard, children }: SectionProps) {
  const id = useId();
  const Heading = `h${level}` as const;
  return (
    <section aria-labelledby={id} className={styles.section}>
      <div>
        <div className={styles.head}>
          <Heading id={id}>{title}</Heading>
          {actions}
        </div>
        {lead && <p className={styles.lead}>{lead}</p>}
      </div>
      <div className={classNames(isCard && styles.card)}>{children}</div>
    </section>
  );
}
