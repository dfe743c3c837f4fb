import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { RemoveTeamMember } from "./mutations.ts";

export interface RemoveFromTeamDialogProps {
  team: { id: string; name: string };
  /** Null: closed. */
  member: { id: string; name: string } | null;
  onClose: () => void;
}

/** Asks before a member is taken out of a team. */
export function RemoveFromTeamDialog({ team, member, onClose }: RemoveFromTeamDialogProps) {
  const { run, isRunning } = useMutation(RemoveTeamMember);
  const [errors, setErrors] = useState<FormErrors>();

  function close() {
    setErrors(undefined);
    onClose();
  }

  async function remove() {
    if (!member) return;
    const outcome = await run({ input: { teamId: team.id, memberId: member.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(`${member.name} is out of ${team.name}.`);
    onClose();
  }

  return (
    <ConfirmDialog
      title={member ? `Take ${member.name} out of ${team.name}?` : ""}
      action="Take out"
      isOpen={member !== null}
      isPending={isRunning}
      errors={errors}
      onConfirm={remove}
      onClose={close}
    >
      They stay a member of the organization, and lose their role in this team.
    </ConfirmDialog>
  );
}
