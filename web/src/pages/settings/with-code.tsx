import { Fragment, type ReactNode } from "react";

/** A text of the schema, whose names for programs stand between backticks. */
export function withCode(text: string): ReactNode {
  return text
    .split("`")
    .map((part, index) => <Fragment key={index}>{index % 2 === 1 ? <code>{part}</code> : part}</Fragment>);
}
