import type { ReactNode, Ref } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  ProgressBar,
} from "react-aria-components";
import styles from "./button.module.css";
import { classNames } from "./class-names.ts";

/** How much a button asks for attention: at most one `primary` on a page or in a dialog. */
export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";

/** What all buttons have, links that look like one too. */
export interface ButtonLook {
  variant?: ButtonVariant | undefined;
  size?: "small" | "medium" | undefined;
}

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children">, ButtonLook {
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

/** The classes of a button's look. */
export function buttonClass({ variant = "secondary", size = "medium" }: ButtonLook): string {
  return classNames(styles.button, styles[variant], size === "small" && styles.small);
}

/** A button with words. While `isPending` it turns a wheel, keeps the focus and does nothing. */
export function Button({ variant, size, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={buttonClass({ variant, size })}>
      {props.isPending && (
        <ProgressBar isIndeterminate aria-label="Working" className={classNames(styles.spinner)} />
      )}
      {children}
    </AriaButton>
  );
}
