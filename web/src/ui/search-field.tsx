import { Search, X } from "lucide-react";
import {
  SearchField as AriaSearchField,
  type SearchFieldProps as AriaSearchFieldProps,
  Button,
  Input,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import fieldStyles from "./field.module.css";
import styles from "./search-field.module.css";

export interface SearchFieldProps extends Omit<AriaSearchFieldProps, "className" | "style" | "children"> {
  /** Read to those who do not see the lens. */
  label: string;
  placeholder?: string;
}

/** Words to look for. Escape clears it. */
export function SearchField({ label, placeholder, ...props }: SearchFieldProps) {
  return (
    <AriaSearchField {...props} aria-label={label} className={classNames(styles.search)}>
      <Search size={16} className={styles.icon} aria-hidden="true" />
      <Input
        {...(placeholder !== undefined && { placeholder })}
        className={classNames(fieldStyles.control)}
      />
      <Button className={classNames(styles.clear)}>
        <X size={16} aria-hidden="true" />
      </Button>
    </AriaSearchField>
  );
}
