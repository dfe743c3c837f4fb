import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { InviteRowFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { RevokeInvite } from "./mutations.ts";

export interface RevokeDialogProps {
  invite: Pick<InviteRowFragment, "id" | "email">;
  onClose: () => void;
}

/** Asks before an invite is withdrawn. */
export function RevokeDialog({ invite, onClose }: RevokeDialogProps) {
  const { run, isRunning } = useMutation(RevokeInvite);
  const [errors, setErrors] = useState<FormErrors>();

  async function revoke() {
    const outcome = await run({ input: { inviteId: invite.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(`The invite to ${invite.email} is withdrawn.`);
    onClose();
  }

  return (
    <ConfirmDialog
      title="Withdraw the invite?"
      action="Withdraw"
      isOpen
      isPending={isRunning}
      errors={errors}
      onConfirm={revoke}
      onClose={onClose}
    >
      The link that {invite.email} has will not work any more. The address can be invited again.
    </ConfirmDialog>
  );
}
