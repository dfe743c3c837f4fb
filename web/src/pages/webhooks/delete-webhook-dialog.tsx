import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { DeleteWebhook } from "./mutations.ts";

export interface DeleteWebhookDialogProps {
  webhook: { id: string; url: string };
  isOpen: boolean;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a webhook is removed. */
export function DeleteWebhookDialog({ webhook, isOpen, onClose, onDeleted }: DeleteWebhookDialogProps) {
  const { run, isRunning } = useMutation(DeleteWebhook);
  const [errors, setErrors] = useState<FormErrors>();

  async function remove() {
    const outcome = await run({ input: { webhookId: webhook.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess("The webhook is deleted.");
    onDeleted();
  }

  return (
    <ConfirmDialog
      title="Delete the webhook?"
      action="Delete"
      isOpen={isOpen}
      isPending={isRunning}
      errors={errors}
      onConfirm={remove}
      onClose={onClose}
    >
      {new URL(webhook.url).host} is not called any more, also not for what still waits. The record of
      deliveries goes with it. This cannot be taken back; to stop for a while, disable it.
    </ConfirmDialog>
  );
}
