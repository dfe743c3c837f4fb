import {
  RadioGroup as AriaRadioGroup,
  type RadioGroupProps as AriaRadioGroupProps,
  Radio,
} from "react-aria-components";
import styles from "./checkbox.module.css";
import { classNames } from "./class-names.ts";
import fieldStyles from "./field.module.css";
import { FieldLayout, type FieldTexts } from "./field.tsx";
import type { Option } from "./option-list.tsx";

export interface RadioGroupProps<Id extends string>
  extends Pick<AriaRadioGroupProps, "name" | "isDisabled" | "isReadOnly" | "isRequired">,
    FieldTexts {
  options: readonly Option<Id>[];
  value: Id | null;
  onChange: (value: Id) => void;
}

/** One of a few values, all seen at once with what they mean. */
export function RadioGroup<Id extends string>({
  label,
  isLabelHidden,
  description,
  options,
  value,
  onChange,
  ...props
}: RadioGroupProps<Id>) {
  function choose(id: string) {
    const chosen = options.find((option) => option.id === id);
    if (chosen) onChange(chosen.id);
  }

  return (
    <AriaRadioGroup {...props} className={classNames(fieldStyles.field)} value={value} onChange={choose}>
      <FieldLayout label={label} isLabelHidden={isLabelHidden} description={description}>
        <div className={styles.group}>
          {options.map((option) => (
            <Radio
              key={option.id}
              value={option.id}
              isDisabled={option.isDisabled ?? false}
              className={classNames(styles.row)}
            >
              <span className={classNames(styles.box, styles.round)} aria-hidden="true" />
              <span className={styles.texts}>
                {option.name}
                {option.description && <span className={styles.note}>{option.description}</span>}
              </span>
            </Radio>
          ))}
        </div>
      </FieldLayout>
    </AriaRadioGroup>
  );
}
