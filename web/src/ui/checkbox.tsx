import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, type CheckboxProps as AriaCheckboxProps } from "react-aria-components";
import styles from "./checkbox.module.css";
import { classNames } from "./class-names.ts";

export interface CheckboxProps extends Omit<AriaCheckboxProps, "className" | "style" | "children"> {
  label: ReactNode;
  description?: ReactNode;
}

/** Something that is or is not, and counts once the form is sent. What counts at once is a `Switch`. */
export function Checkbox({ label, description, ...props }: CheckboxProps) {
  return (
    <AriaCheckbox {...props} className={classNames(styles.row)}>
      {({ isIndeterminate }) => (
        <>
          <span className={styles.box} aria-hidden="true">
            {isIndeterminate ? <Minus size={14} /> : <Check size={14} />}
          </span>
          <span className={styles.texts}>
            {label}
            {description && <span className={styles.note}>{description}</span>}
          </span>
        </>
      )}
    </AriaCheckbox>
  );
}
