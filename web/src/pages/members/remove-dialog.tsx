import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { MemberDetailsFragment } from "../../gql/graphql.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { RemoveMember } from "./mutations.ts";

export interface RemoveDialogProps {
  member: Pick<MemberDetailsFragment, "id" | "name" | "isPending">;
  isOpen: boolean;
  onClose: () => void;
  onRemoved: () => void;
}

/** Asks before a member is removed, or an invite withdrawn. */
export function RemoveDialog({ member, isOpen, onClose, onRemoved }: RemoveDialogProps) {
  const { run, isRunning } = useMutation(RemoveMember);
  const [errors, setErrors] = useState<FormErrors>();

  async function remove() {
    const outcome = await run({ input: { memberId: member.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(
      member.isPending ? `The invite of ${member.name} is withdrawn.` : `${member.name} is removed.`,
    );
    onRemoved();
  }

  return (
    <ConfirmDialog
      title={member.isPending ? "Withdraw the invite?" : `Remove ${member.name}?`}
      action={member.isPending ? "Withdraw" : "Remove"}
      isOpen={isOpen}
      isPending={isRunning}
      errors={errors}
      onConfirm={remove}
      onClose={onClose}
    >
      {member.isPending
        ? `The link that ${member.name} has will not work any more. The address can be invited again.`
        : "Their places in teams go with them, and the invites that they have sent and nobody has answered. They can be invited again."}
    </ConfirmDialog>
  );
}
