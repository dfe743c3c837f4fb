import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { SecretOnce } from "../../ui/secret-once.tsx";
import { CreateWebhook } from "./mutations.ts";
import { type WebhookDraft, WebhookForm, webhookFields } from "./webhook-form.tsx";

export interface CreateWebhookDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

const nothing: WebhookDraft = { url: "", description: "", eventTypes: null };

/** Makes a webhook, and shows its secret once. */
export function CreateWebhookDialog({ isOpen, onClose }: CreateWebhookDialogProps) {
  const organization = useOrganization();
  const [secret, setSecret] = useState<string | null>(null);
  const [errors, setErrors] = useState<FormErrors>();
  const { run, isRunning } = useMutation(CreateWebhook);

  function close() {
    setSecret(null);
    setErrors(undefined);
    onClose();
  }

  async function create({ url, description, eventTypes }: WebhookDraft) {
    const outcome = await run({
      input: {
        organizationId: organization.id,
        url: url.trim(),
        description: description.trim() || null,
        eventTypes: eventTypes && [...eventTypes],
      },
    });
    setErrors(errorsOf(outcome, webhookFields));
    if (outcome.kind === "ok") setSecret(outcome.payload.secret);
  }

  return (
    <Dialog
      isWide
      title={secret === null ? "Create a webhook" : "The secret of your webhook"}
      isOpen={isOpen}
      isDismissable={secret === null}
      onClose={close}
    >
      {secret === null ? (
        <WebhookForm
          name={`webhook.${organization.id}`}
          initial={nothing}
          action="Create"
          errors={errors}
          isPending={isRunning}
          onSubmit={create}
          onCancel={close}
        />
      ) : (
        <SecretOnce label="Secret of the webhook" secret={secret} onDone={close}>
          Give it to the server that is called: with it, the server checks that a call is ours. If it gets
          lost, make a new one.
        </SecretOnce>
      )}
    </Dialog>
  );
}
