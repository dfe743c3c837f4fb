import type { ReactNode } from "react";
import { Radio, RadioGroup } from "react-aria-components";
import styles from "./checkbox.module.css";
import { classNames } from "./class-names.ts";

export interface SegmentedProps<Id extends string> {
  label: string;
  options: readonly { id: Id; name: string; icon?: ReactNode }[];
  value: Id;
  onChange: (value: Id) => void;
}

/** One of two to four short values, side by side. */
export function Segmented<Id extends string>({ label, options, value, onChange }: SegmentedProps<Id>) {
  function choose(id: string) {
    const chosen = options.find((option) => option.id === id);
    if (chosen) onChange(chosen.id);
  }

  return (
    <RadioGroup
      aria-label={label}
      orientation="horizontal"
      className={classNames(styles.segments)}
      value={value}
      onChange={choose}
    >
      {options.map((option) => (
        <Radio key={option.id} value={option.id} className={classNames(styles.segment)}>
          {option.icon}
          {option.name}
        </Radio>
      ))}
    </RadioGroup>
  );
}
