import { ChevronDown } from "lucide-react";
import {
  ComboBox as AriaComboBox,
  type ComboBoxProps as AriaComboBoxProps,
  Button,
  Input,
  type Key,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import fieldStyles from "./field.module.css";
import { FieldLayout, type FieldTexts } from "./field.tsx";
import { type Option, OptionList } from "./option-list.tsx";
import { Popover } from "./popover.tsx";
import styles from "./select.module.css";

export interface ComboBoxProps
  extends Pick<
      AriaComboBoxProps<Option>,
      "name" | "isDisabled" | "isRequired" | "inputValue" | "onInputChange" | "allowsEmptyCollection"
    >,
    FieldTexts {
  /** What can be chosen now. Filtered by what is typed, unless the page does so and passes `isFiltered`. */
  options: readonly Option[];
  isFiltered?: boolean;
  value: string | null;
  onChange: (value: string | null) => void;
  placeholder?: string;
  nothing?: string;
}

/** One of many values, found by typing. */
export function ComboBox({
  label,
  isLabelHidden,
  description,
  options,
  isFiltered,
  value,
  onChange,
  placeholder,
  nothing,
  ...props
}: ComboBoxProps) {
  function choose(key: Key | null) {
    onChange(key === null ? null : String(key));
  }

  return (
    <AriaComboBox
      menuTrigger="input"
      allowsEmptyCollection
      {...props}
      {...(isFiltered ? { items: options } : { defaultItems: options })}
      className={classNames(fieldStyles.field)}
      value={value}
      onChange={choose}
    >
      <FieldLayout label={label} isLabelHidden={isLabelHidden} description={description}>
        <div className={styles.combo}>
          <Input
            {...(placeholder !== undefined && { placeholder })}
            className={classNames(fieldStyles.control)}
          />
          <Button className={classNames(styles.open)}>
            <ChevronDown size={16} aria-hidden="true" />
          </Button>
        </div>
      </FieldLayout>
      <Popover>
        <OptionList nothing={nothing} />
      </Popover>
    </AriaComboBox>
  );
}
