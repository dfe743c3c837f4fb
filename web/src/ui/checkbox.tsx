import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import {
  CheckboxButton,
  CheckboxField,
  type CheckboxFieldProps,
  FieldError,
  Text,
} from "react-aria-components";
import styles from "./checkbox.module.css";
import { classNames } from "./class-names.ts";
import fieldStyles from "./field.module.css";

export interface CheckboxProps extends Omit<CheckboxFieldProps, "className" | "style" | "children"> {
  label: ReactNode;
  description?: ReactNode;
}

/** Something that is or is not, and counts once the form is sent. What counts at once is a `Switch`. */
export function Checkbox({ label, description, ...props }: CheckboxProps) {
  return (
    <CheckboxField {...props} className={classNames(styles.checkbox)}>
      <CheckboxButton className={classNames(styles.row)}>
        {({ isIndeterminate }) => (
          <>
            <span className={styles.box} aria-hidden="true">
              {isIndeterminate ? <Minus size={14} /> : <Check size={14} />}
            </span>
            <span className={styles.texts}>{label}</span>
          </>
        )}
      </CheckboxButton>
      {description && (
        <Text slot="description" className={classNames(styles.note)}>
          {description}
        </Text>
      )}
      <FieldError className={classNames(fieldStyles.error)} />
    </CheckboxField>
  );
}
