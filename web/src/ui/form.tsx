import type { FormEvent, ReactNode } from "react";
import { Form as AriaForm } from "react-aria-components";
import type { FormErrors } from "../api/errors.ts";
import { Alert } from "./alert.tsx";
import { classNames } from "./class-names.ts";
import styles from "./form.module.css";

export interface FormProps {
  /** What the server refused: at the field of that `name`, and on top what belongs to none. */
  errors?: FormErrors | undefined;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  children: ReactNode;
}

/** A form. Its fields show what went wrong with them until they are changed. */
export function Form({ errors, onSubmit, children }: FormProps) {
  return (
    <AriaForm
      className={classNames(styles.form)}
      {...(errors && { validationErrors: errors.fields })}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(event);
      }}
    >
      {errors && errors.form.length > 0 && (
        <Alert tone="danger">
          {errors.form.map((message) => (
            <p key={message}>{message}</p>
          ))}
        </Alert>
      )}
      {children}
    </AriaForm>
  );
}
