import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./popover.module.css";

/** One of the values to choose from. */
export interface Option<Id extends string = string> {
  id: Id;
  name: string;
  /** What choosing it means. */
  description?: string | undefined;
  isDisabled?: boolean;
}

interface OptionListProps {
  options?: readonly Option[];
  /** What is said where there is no option. */
  nothing?: ReactNode;
}

/** The options of a select or combo box, inside its popover. */
export function OptionList({ options, nothing = "Nothing found" }: OptionListProps) {
  return (
    <ListBox
      {...(options && { items: options })}
      className={classNames(styles.items)}
      renderEmptyState={() => <div className={styles.nothing}>{nothing}</div>}
    >
      {(option: Option) => (
        <ListBoxItem
          id={option.id}
          textValue={option.name}
          isDisabled={option.isDisabled ?? false}
          className={classNames(styles.item)}
        >
          <span className={styles.texts}>
            {option.name}{" "}
            {option.description && (
              <span className={styles.note} data-note>
                {option.description}
              </span>
            )}
          </span>
          <Check size={16} className={styles.check} aria-hidden="true" />
        </ListBoxItem>
      )}
    </ListBox>
  );
}
