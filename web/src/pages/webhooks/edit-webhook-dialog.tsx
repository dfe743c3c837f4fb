import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { WebhookRowFragment } from "../../gql/graphql.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { UpdateWebhook } from "./mutations.ts";
import { type WebhookDraft, WebhookForm, webhookFields } from "./webhook-form.tsx";

export interface EditWebhookDialogProps {
  webhook: WebhookRowFragment;
  isOpen: boolean;
  onClose: () => void;
}

/** Changes where a webhook is called and what it is told. */
export function EditWebhookDialog({ webhook, isOpen, onClose }: EditWebhookDialogProps) {
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(UpdateWebhook);

  function close() {
    setErrors(undefined);
    onClose();
  }

  async function save({ url, description, eventTypes }: WebhookDraft) {
    const outcome = await run({
      input: {
        webhookId: webhook.id,
        url: url.trim(),
        description: description.trim() || null,
        eventTypes: eventTypes && [...eventTypes],
      },
    });
    setErrors(errorsOf(outcome, webhookFields));
    if (outcome.kind !== "ok") return;
    toastSuccess("The webhook is changed.");
    onClose();
  }

  return (
    <Dialog isWide title="Change the webhook" isOpen={isOpen} onClose={close}>
      <WebhookForm
        name={`webhook.${webhook.id}`}
        initial={{
          url: webhook.url,
          description: webhook.description ?? "",
          eventTypes: webhook.eventTypes,
        }}
        action="Save"
        errors={errors}
        isPending={isRunning}
        onSubmit={save}
        onCancel={close}
      />
    </Dialog>
  );
}
