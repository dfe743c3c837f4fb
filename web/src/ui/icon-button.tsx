import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components";
import styles from "./button.module.css";
import { type ButtonProps, buttonClass } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { Tooltip } from "./tooltip.tsx";

export interface IconButtonProps extends Omit<ButtonProps, "children" | "aria-label"> {
  /** What it does, for those who do not see the icon and, as a tooltip, for those who wonder. */
  label: string;
  children: ReactNode;
}

/** A button that is only an icon. */
export function IconButton({ label, variant = "quiet", size, children, ...props }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <AriaButton
        {...props}
        aria-label={label}
        className={classNames(buttonClass({ variant, size }), styles.square)}
      >
        {children}
      </AriaButton>
    </Tooltip>
  );
}
