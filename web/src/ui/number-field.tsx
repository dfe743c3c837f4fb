import {
  NumberField as AriaNumberField,
  type NumberFieldProps as AriaNumberFieldProps,
  Input,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./field.module.css";
import { FieldLayout, type FieldTexts } from "./field.tsx";

export interface NumberFieldProps
  extends Omit<AriaNumberFieldProps, "className" | "style" | "children">,
    FieldTexts {}

/** A number, written as the reader's language writes numbers. Empty is `NaN`. */
export function NumberField({ label, isLabelHidden, description, ...props }: NumberFieldProps) {
  return (
    <AriaNumberField {...props} className={classNames(styles.field)}>
      <FieldLayout label={label} isLabelHidden={isLabelHidden} description={description}>
        <Input className={classNames(styles.control)} />
      </FieldLayout>
    </AriaNumberField>
  );
}
