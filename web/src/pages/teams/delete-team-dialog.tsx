import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { DeleteTeam } from "./mutations.ts";

export interface DeleteTeamDialogProps {
  team: { id: string; name: string; slug: string };
  isOpen: boolean;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a team is deleted. */
export function DeleteTeamDialog({ team, isOpen, onClose, onDeleted }: DeleteTeamDialogProps) {
  const { run, isRunning } = useMutation(DeleteTeam);
  const [errors, setErrors] = useState<FormErrors>();

  async function remove() {
    const outcome = await run({ input: { teamId: team.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(`${team.name} is deleted.`);
    onDeleted();
  }

  return (
    <ConfirmDialog
      title={`Delete ${team.name}?`}
      action="Delete"
      confirmText={team.slug}
      isOpen={isOpen}
      isPending={isRunning}
      errors={errors}
      onConfirm={remove}
      onClose={onClose}
    >
      It disappears at once, for everybody, with the places in it and the requests for access. Its members
      stay in the organization. This cannot be taken back.
    </ConfirmDialog>
  );
}
