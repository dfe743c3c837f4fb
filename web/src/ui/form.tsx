import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Form as AriaForm } from "react-aria-components";
import type { FormErrors } from "../api/errors.ts";
import { Alert } from "./alert.tsx";
import styles from "./form.module.css";

export interface FormProps {
  /** What the server refused: at the field of that `name`, and on top what belongs to none. */
  errors?: FormErrors | undefined;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  children: ReactNode;
}

/** A form. Its fields show what went wrong with them until they are changed; the first of them gets the focus. */
export function Form({ errors, onSubmit, children }: FormProps) {
  const content = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState({ of: errors, fields: errors?.fields });
  if (shown.of !== errors) setShown({ of: errors, fields: errors?.fields });

  useEffect(() => {
    if (!errors || Object.keys(errors.fields).length === 0) return;
    // Fields hear of their errors in effects of their own, which come later.
    const frame = requestAnimationFrame(() => {
      content.current
        ?.querySelector<HTMLElement>(":is(input, textarea)[aria-invalid=true], [data-invalid] button")
        ?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [errors]);

  // An error that went away only with the focus would move the button away that takes it.
  function forget({ target }: FormEvent) {
    const name = target instanceof Element ? target.getAttribute("name") : null;
    if (name === null || !shown.fields?.[name]) return;
    const { [name]: _, ...fields } = shown.fields;
    setShown({ of: errors, fields });
  }

  return (
    <AriaForm
      {...(shown.fields && { validationErrors: shown.fields })}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(event);
      }}
    >
      <div ref={content} className={styles.form} onInput={forget}>
        {errors && errors.form.length > 0 && (
          <Alert tone="danger">
            {errors.form.map((message) => (
              <p key={message}>{message}</p>
            ))}
          </Alert>
        )}
        {children}
      </div>
    </AriaForm>
  );
}
