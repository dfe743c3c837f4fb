import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./alert.module.css";
import { classNames } from "./class-names.ts";

export type Tone = "info" | "success" | "warning" | "danger";

const icons = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert };

/** Something to know about the page or form it stands on. Dangers are read out at once. */
export function Alert({ tone = "info", children }: { tone?: Tone; children: ReactNode }) {
  const Icon = icons[tone];
  return (
    <div className={classNames(styles.alert, styles[tone])} role={tone === "danger" ? "alert" : "note"}>
      <Icon size={18} aria-hidden="true" />
      <div className={styles.body}>{children}</div>
    </div>
  );
}
