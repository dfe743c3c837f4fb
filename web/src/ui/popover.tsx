import { Popover as AriaPopover, type PopoverProps } from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./popover.module.css";

/** What opens beside its trigger: lists of selects, menus. */
export function Popover(props: Omit<PopoverProps, "className" | "style">) {
  return <AriaPopover offset={4} {...props} className={classNames(styles.popover)} />;
}
