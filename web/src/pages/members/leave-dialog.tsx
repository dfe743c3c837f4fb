import { useState } from "react";
import { useNavigate } from "react-router";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { LeaveOrganization } from "./mutations.ts";

/** Asks before one leaves the organization. */
export function LeaveDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const organization = useOrganization();
  const { run, isRunning } = useMutation(LeaveOrganization);
  const [errors, setErrors] = useState<FormErrors>();
  const navigate = useNavigate();

  async function leave() {
    const outcome = await run({ input: { organizationId: organization.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(`You have left ${organization.name}.`);
    navigate(paths.home);
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
