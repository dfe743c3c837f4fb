import {
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./field.module.css";
import { FieldLayout, type FieldTexts } from "./field.tsx";

export interface TextAreaProps
  extends Omit<AriaTextFieldProps, "className" | "style" | "children">,
    FieldTexts {
  rows?: number;
  placeholder?: string;
  isMonospaced?: boolean;
}

/** Several lines of text. */
export function TextArea({
  label,
  isLabelHidden,
  description,
  rows = 4,
  placeholder,
  isMonospaced,
  ...props
}: TextAreaProps) {
  return (
    <AriaTextField {...props} className={classNames(styles.field)}>
      <FieldLayout label={label} isLabelHidden={isLabelHidden} description={description}>
        <AriaTextArea
          rows={rows}
          {...(placeholder !== undefined && { placeholder })}
          className={classNames(styles.control, styles.area, isMonospaced && styles.mono)}
        />
      </FieldLayout>
    </AriaTextField>
  );
}
