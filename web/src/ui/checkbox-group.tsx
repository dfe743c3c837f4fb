import {
  CheckboxGroup as AriaCheckboxGroup,
  type CheckboxGroupProps as AriaCheckboxGroupProps,
} from "react-aria-components";
import styles from "./checkbox.module.css";
import { Checkbox } from "./checkbox.tsx";
import { classNames } from "./class-names.ts";
import fieldStyles from "./field.module.css";
import { FieldLayout, type FieldTexts } from "./field.tsx";
import type { Option } from "./option-list.tsx";

export interface CheckboxGroupProps
  extends Pick<AriaCheckboxGroupProps, "name" | "isDisabled" | "isRequired">,
    FieldTexts {
  options: readonly Option[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}

/** Any of a few values, all seen at once. */
export function CheckboxGroup({
  label,
  isLabelHidden,
  description,
  options,
  value,
  onChange,
  ...props
}: CheckboxGroupProps) {
  return (
    <AriaCheckboxGroup
      {...props}
      className={classNames(fieldStyles.field)}
      value={[...value]}
      onChange={onChange}
    >
      <FieldLayout label={label} isLabelHidden={isLabelHidden} description={description}>
        <div className={styles.group}>
          {options.map(({ id, name, description: note, isDisabled }) => (
            <Checkbox key={id} value={id} label={name} description={note} isDisabled={isDisabled ?? false} />
          ))}
        </div>
      </FieldLayout>
    </AriaCheckboxGroup>
  );
}
