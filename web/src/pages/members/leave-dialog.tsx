import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { LeaveOrganization } from "./mutations.ts";

export interface LeaveDialogProps {
  organization: { id: string; name: string };
  isOpen: boolean;
  onClose: () => void;
  onLeft: () => void;
}

/** Asks before one leaves an organization. */
export function LeaveDialog({ organization, isOpen, onClose, onLeft }: LeaveDialogProps) {
  const { run, isRunning } = useMutation(LeaveOrganization);
  const [errors, setErrors] = useState<FormErrors>();

  async function leave() {
    const outcome = await run({ input: { organizationId: organization.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(`You have left ${organization.name}.`);
    onLeft();
  }

  return (
    <ConfirmDialog
      title={`Leave ${organization.name}?`}
      action="Leave"
      isOpen={isOpen}
      isPending={isRunning}
      errors={errors}
      onConfirm={leave}
      onClose={onClose}
    >
      You will not see it any more, and come back only if somebody invites you.
    </ConfirmDialog>
  );
}
