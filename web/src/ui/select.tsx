import { ChevronDown } from "lucide-react";
import {
  Select as AriaSelect,
  type SelectProps as AriaSelectProps,
  Button,
  type Key,
  SelectValue,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import fieldStyles from "./field.module.css";
import { FieldLayout, type FieldTexts } from "./field.tsx";
import { type Option, OptionList } from "./option-list.tsx";
import { Popover } from "./popover.tsx";
import styles from "./select.module.css";

export interface SelectProps<Id extends string>
  extends Pick<AriaSelectProps<Option<Id>>, "name" | "isDisabled" | "isRequired" | "placeholder">,
    FieldTexts {
  options: readonly Option<Id>[];
  value: Id | null;
  onChange: (value: Id) => void;
}

/** One of a few values. For many, or to find one by typing: `ComboBox`. */
export function Select<Id extends string>({
  label,
  isLabelHidden,
  description,
  options,
  value,
  onChange,
  ...props
}: SelectProps<Id>) {
  function choose(key: Key | null) {
    const chosen = options.find((option) => option.id === key);
    if (chosen) onChange(chosen.id);
  }

  return (
    <AriaSelect {...props} className={classNames(fieldStyles.field)} value={value} onChange={choose}>
      <FieldLayout label={label} isLabelHidden={isLabelHidden} description={description}>
        <Button className={classNames(fieldStyles.control, styles.trigger)}>
          <SelectValue className={classNames(styles.value)} />
          <ChevronDown size={16} aria-hidden="true" />
        </Button>
      </FieldLayout>
      <Popover>
        <OptionList options={options} />
      </Popover>
    </AriaSelect>
  );
}
