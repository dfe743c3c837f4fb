import type { ReactNode } from "react";
import { Switch as AriaSwitch, type SwitchProps as AriaSwitchProps } from "react-aria-components";
import styles from "./checkbox.module.css";
import { classNames } from "./class-names.ts";

export interface SwitchProps extends Omit<AriaSwitchProps, "className" | "style" | "children"> {
  label: ReactNode;
  description?: ReactNode;
}

/** Something that is on or off. */
export function Switch({ label, description, ...props }: SwitchProps) {
  return (
    <AriaSwitch {...props} className={classNames(styles.row)}>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.thumb} />
      </span>
      <span className={styles.texts}>
        {label}
        {description && <span className={styles.note}>{description}</span>}
      </span>
    </AriaSwitch>
  );
}
