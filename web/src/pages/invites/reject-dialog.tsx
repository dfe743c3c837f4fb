import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { InviteRowFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { RejectInviteRequest } from "./mutations.ts";

export interface RejectDialogProps {
  request: Pick<InviteRowFragment, "id" | "email">;
  onClose: () => void;
}

/** Asks before a request is rejected. */
export function RejectDialog({ request, onClose }: RejectDialogProps) {
  const { run, isRunning } = useMutation(RejectInviteRequest);
  const [errors, setErrors] = useState<FormErrors>();

  async function reject() {
    const outcome = await run({ input: { inviteId: request.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(`The request for ${request.email} is rejected.`);
    onClose();
  }

  return (
    <ConfirmDialog
      title="Reject the request?"
      action="Reject"
      isOpen
      isPending={isRunning}
      errors={errors}
      onConfirm={reject}
      onClose={onClose}
    >
      The request for {request.email} is deleted. Nobody gets a mail.
    </ConfirmDialog>
  );
}
