import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { MemberDetailsFragment } from "../../gql/graphql.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { TransferOwnership } from "./mutations.ts";

export interface TransferDialogProps {
  member: Pick<MemberDetailsFragment, "id" | "name">;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks before the organization is handed over: whoever does cannot take it back. */
export function TransferDialog({ member, isOpen, onClose }: TransferDialogProps) {
  const organization = useOrganization();
  const { run, isRunning } = useMutation(TransferOwnership);
  const [errors, setErrors] = useState<FormErrors>();

  async function transfer() {
    const outcome = await run({ input: { organizationId: organization.id, toMemberId: member.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(`${member.name} is owner now, and you are a manager.`);
    onClose();
  }

  return (
    <ConfirmDialog
      title={`Make ${member.name} owner?`}
      action="Hand over"
      confirmText={organization.slug}
      isOpen={isOpen}
      isPending={isRunning}
      errors={errors}
      onConfirm={transfer}
      onClose={onClose}
    >
      {member.name} becomes owner of {organization.name}, and you a manager, at once. Only an owner can make
      you owner again.
    </ConfirmDialog>
  );
}
