import type { ReactNode } from "react";
import { Tooltip as AriaTooltip, TooltipTrigger } from "react-aria-components";
import { classNames } from "./class-names.ts";
import styles from "./tooltip.module.css";

export interface TooltipProps {
  text: string;
  /** One button or link, which the tooltip is for. */
  children: ReactNode;
}

/** A word more on a control, on hovering and on focus. Never the only place where something is said. */
export function Tooltip({ text, children }: TooltipProps) {
  return (
    <TooltipTrigger delay={500}>
      {children}
      <AriaTooltip className={classNames(styles.tooltip)} offset={6}>
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  );
}
