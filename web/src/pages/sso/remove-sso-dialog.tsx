import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { SetAuthProvider } from "./mutations.ts";
import styles from "./sso.module.css";
import { consequencesOfRemoval, type SsoSetUp } from "./sso-draft.ts";

export interface RemoveSsoDialogProps {
  present: SsoSetUp;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks before single sign-on is removed. */
export function RemoveSsoDialog({ present, isOpen, onClose }: RemoveSsoDialogProps) {
  const organization = useOrganization();
  const { run, isRunning } = useMutation(SetAuthProvider);
  const [errors, setErrors] = useState<FormErrors>();

  async function remove() {
    const outcome = await run({ input: { organizationId: organization.id, provider: null } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess("Single sign-on is removed.");
    onClose();
  }

  return (
    <ConfirmDialog
      title="Remove single sign-on?"
      action="Remove"
      confirmText={organization.slug}
      isOpen={isOpen}
      isPending={isRunning}
      errors={errors}
      onConfirm={remove}
      onClose={onClose}
    >
      <ul className={styles.sentences}>
        {consequencesOfRemoval(present).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </ConfirmDialog>
  );
}
