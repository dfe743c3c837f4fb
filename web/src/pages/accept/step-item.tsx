import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "../../ui/class-names.ts";
import styles from "./accept.module.css";
import type { Step } from "./steps.ts";

const words = { done: "done", current: "now", ahead: "later" };

export interface StepItemProps {
  number: number;
  state: Step["state"];
  title: string;
  children: ReactNode;
}

/** A step of the way in, with what is to be done there. */
export function StepItem({ number, state, title, children }: StepItemProps) {
  return (
    <li
      className={classNames(styles.step, styles[state])}
      aria-current={state === "current" ? "step" : undefined}
    >
      <span className={styles.mark} aria-hidden="true">
        {state === "done" ? <Check size={14} /> : number}
      </span>
      <div className={styles.body}>
        <h2 className={styles.title}>
          {title}
          <span className={styles.hidden}> ({words[state]})</span>
        </h2>
        {children}
      </div>
    </li>
  );
}
