import type { ReactNode } from "react";
import { FieldError, Label, Text } from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./field.module.css";

/** What every field of a form has around its control. */
export interface FieldTexts {
  label: string;
  /** Whether the label is only read out, where what is around the field says the same to the eye. */
  isLabelHidden?: boolean | undefined;
  /** What the field is for, under its label. */
  description?: ReactNode;
}

/**
 * Label, description, control and error of a field, in this order. The error is what the surrounding `Form` was told for
 * the field's `name`, or what the browser finds wrong with the value.
 */
export function FieldLayout({
  label,
  description,
  isLabelHidden,
  children,
}: FieldTexts & { children: ReactNode }) {
  return (
    <>
      <Label className={classNames(styles.label, isLabelHidden && styles.hidden)}>{label}</Label>
      {description && (
        <Text slot="description" className={classNames(styles.description)}>
          {description}
        </Text>
      )}
      {children}
      <FieldError className={classNames(styles.error)} />
    </>
  );
}
