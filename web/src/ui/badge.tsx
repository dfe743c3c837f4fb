import type { ReactNode } from "react";
import type { Tone } from "./alert.tsx";
import styles from "./badge.module.css";
import { classNames } from "./class-names.ts";

/** A word about the state of something. */
export function Badge({ tone, children }: { tone?: Tone | undefined; children: ReactNode }) {
  return <span className={classNames(styles.badge, tone && styles[tone])}>{children}</span>;
}
