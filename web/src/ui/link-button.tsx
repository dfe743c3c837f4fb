import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import { type ButtonLook, buttonClass } from "./button.tsx";

export interface LinkButtonProps extends ButtonLook {
  href: string;
  children: ReactNode;
}

/** A link that looks like a button: for what leads somewhere, where a button does something. */
export function LinkButton({ href, variant, size, children }: LinkButtonProps) {
  return (
    <Link href={href} className={buttonClass({ variant, size })}>
      {children}
    </Link>
  );
}
