import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { RadioGroup } from "../../ui/radio-group.tsx";
import { SecretOnce } from "../../ui/secret-once.tsx";
import { RotateWebhookSecret } from "./mutations.ts";

export interface RotateSecretDialogProps {
  webhookId: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Gives a webhook a new secret, and shows it once. */
export function RotateSecretDialog({ webhookId, isOpen, onClose }: RotateSecretDialogProps) {
  const [isOldKept, setOldKept] = useState(true);
  const [secret, setSecret] = useState<string | null>(null);
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(RotateWebhookSecret);

  function close() {
    setSecret(null);
    setErrors(undefined);
    setOldKept(true);
    onClose();
  }

  async function rotate() {
    const outcome = await run({ input: { webhookId, isOldKept } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind === "ok") setSecret(outcome.payload.secret);
  }

  return (
    <Dialog
      title={secret === null ? "Make a new secret?" : "The new secret"}
      isOpen={isOpen}
      isDismissable={secret === null}
      onClose={close}
    >
      {secret === null ? (
        <Form errors={errors} onSubmit={rotate}>
          <RadioGroup
            label="The secret that counts now"
            options={[
              {
                id: "kept",
                name: "Keeps signing for a while",
                description: "Calls have a signature of each, so that your server has time to change.",
              },
              {
                id: "ended",
                name: "Ends at once",
                description:
                  "When somebody has it who must not. Your server refuses calls until it has the new one.",
              },
            ]}
            value={isOldKept ? "kept" : "ended"}
            onChange={(chosen) => setOldKept(chosen === "kept")}
          />
          <DialogActions>
            <Button onPress={close}>Cancel</Button>
            <Button type="submit" variant={isOldKept ? "primary" : "danger"} isPending={isRunning}>
              Make a new secret
            </Button>
          </DialogActions>
        </Form>
      ) : (
        <SecretOnce label="New secret of the webhook" secret={secret} onDone={close}>
          {isOldKept
            ? "Give it to your server before the old one ends."
            : "Give it to your server now: the old one has ended."}
        </SecretOnce>
      )}
    </Dialog>
  );
}
