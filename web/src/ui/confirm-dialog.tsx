import { type FormEvent, type ReactNode, useState } from "react";
import type { FormErrors } from "../api/errors.ts";
import { Button } from "./button.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import { Form } from "./form.tsx";
import { TextField } from "./text-field.tsx";

export interface ConfirmDialogProps {
  title: string;
  /** What will happen, and whether it can be taken back. */
  children: ReactNode;
  /** What the button does, as a verb: “Remove”. */
  action: string;
  isDangerous?: boolean;
  /** What has to be typed first, for what cannot be taken back. */
  confirmText?: string | undefined;
  isOpen: boolean;
  isPending?: boolean;
  errors?: FormErrors | undefined;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once more before something is done that is hard to take back. */
export function ConfirmDialog({
  title,
  children,
  action,
  isDangerous = true,
  confirmText,
  isOpen,
  isPending = false,
  errors,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const [typed, setTyped] = useState("");
  const isConfirmed = confirmText === undefined || typed.trim() === confirmText;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isConfirmed) onConfirm();
  }

  function close() {
    setTyped("");
    onClose();
  }

  return (
    <Dialog title={title} isOpen={isOpen} onClose={close}>
      <Form errors={errors} onSubmit={submit}>
        <div>{children}</div>
        {confirmText !== undefined && (
          <TextField
            label={`Type “${confirmText}” to confirm`}
            value={typed}
            onChange={setTyped}
            autoComplete="off"
            isMonospaced
          />
        )}
        <DialogActions>
          <Button onPress={close}>Cancel</Button>
          <Button
            type="submit"
            variant={isDangerous ? "danger" : "primary"}
            isDisabled={!isConfirmed}
            isPending={isPending}
          >
            {action}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
