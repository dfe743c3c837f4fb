import type { ReactElement, ReactNode } from "react";
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps as AriaMenuItemProps,
  MenuSection as AriaMenuSection,
  Header,
  MenuTrigger,
  type Placement,
  Separator,
} from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./popover.module.css";
import { Popover } from "./popover.tsx";

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement;
  placement?: Placement;
  children: ReactNode;
}

/** What can be done with something, behind a button. */
export function Menu({ trigger, placement = "bottom end", children }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement={placement}>
        <AriaMenu className={classNames(styles.items)}>{children}</AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

export interface MenuItemProps extends Omit<AriaMenuItemProps, "className" | "style" | "children"> {
  icon?: ReactNode;
  isDangerous?: boolean;
  children: ReactNode;
}

/** One thing to do, or with `href` somewhere to go. */
export function MenuItem({ icon, isDangerous, children, ...props }: MenuItemProps) {
  return (
    <AriaMenuItem
      {...props}
      textValue={props.textValue ?? (typeof children === "string" ? children : "")}
      className={classNames(styles.item, isDangerous && styles.danger)}
    >
      {icon}
      <span className={styles.texts}>{children}</span>
    </AriaMenuItem>
  );
}

/** Items that belong together, under a heading. */
export function MenuSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <AriaMenuSection>
      <Header className={classNames(styles.heading)}>{title}</Header>
      {children}
    </AriaMenuSection>
  );
}

/** A line between items. */
export function MenuSeparator() {
  return <Separator className={classNames(styles.separator)} />;
}
