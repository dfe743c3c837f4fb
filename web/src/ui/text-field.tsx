import {
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  Input,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./field.module.css";
import { FieldLayout, type FieldTexts } from "./field.tsx";

export interface TextFieldProps
  extends Omit<AriaTextFieldProps, "className" | "style" | "children">,
    FieldTexts {
  placeholder?: string;
  /** For what is read letter by letter: slugs, keys, addresses. */
  isMonospaced?: boolean;
}

/** A line of text. */
export function TextField({
  label,
  isLabelHidden,
  description,
  placeholder,
  isMonospaced,
  ...props
}: TextFieldProps) {
  return (
    <AriaTextField {...props} className={classNames(styles.field)}>
      <FieldLayout label={label} isLabelHidden={isLabelHidden} description={description}>
        <Input
          {...(placeholder !== undefined && { placeholder })}
          className={classNames(styles.control, isMonospaced && styles.mono)}
        />
      </FieldLayout>
    </AriaTextField>
  );
}
