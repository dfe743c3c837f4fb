import { type FormEvent, type ReactNode, useMemo, useState } from "react";
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

/** A form. Its fields show what went wrong with them until they are changed. */
export function Form({ errors, onSubmit, children }: FormProps) {
  const { open, onInput } = useOpenErrors(errors);
  return (
    <AriaForm
      validationErrors={open}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(event);
      }}
    >
      <div className={styles.form} onInput={onInput}>
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

/**
 * The errors of fields that nobody has typed into since. By itself react-aria takes them away when the field is left: under
 * a mouse that is on its way down on a button, which then is somewhere else.
 */
function useOpenErrors(errors: FormErrors | undefined) {
  const [typedInto, setTypedInto] = useState<readonly string[]>([]);
  const [lastErrors, setLastErrors] = useState(errors);
  if (errors !== lastErrors) {
    setLastErrors(errors);
    setTypedInto([]);
  }

  const open = useMemo(() => {
    const fields = Object.entries(errors?.fields ?? {});
    return Object.fromEntries(fields.filter(([name]) => !typedInto.includes(name)));
  }, [errors, typedInto]);

  function onInput({ target }: FormEvent<HTMLElement>) {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return;
    const { name } = target;
    if (name in open) setTypedInto((names) => [...names, name]);
  }

  return { open, onInput };
}
