import type { ReactNode } from "react";
import styles from "./frame.module.css";

/** A page without navigation, for who is nowhere in particular. */
export function BarePage({ children }: { children: ReactNode }) {
  return <main className={styles.page}>{children}</main>;
}
