import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { RevokeApiToken } from "./mutations.ts";

export interface RevokeTokenDialogProps {
  /** Null: closed. */
  token: { id: string; name: string } | null;
  /** Whether it has ended already, so that nobody can be relying on it. */
  hasEnded: boolean;
  onClose: () => void;
}

/** Asks before a token is revoked. */
export function RevokeTokenDialog({ token, hasEnded, onClose }: RevokeTokenDialogProps) {
  const { run, isRunning } = useMutation(RevokeApiToken);
  const [errors, setErrors] = useState<FormErrors>();

  function close() {
    setErrors(undefined);
    onClose();
  }

  async function revoke() {
    if (!token) return;
    const outcome = await run({ input: { apiTokenId: token.id } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    toastSuccess(hasEnded ? `${token.name} is off the list.` : `${token.name} is revoked.`);
    onClose();
  }

  return (
    <ConfirmDialog
      title={token ? `${hasEnded ? "Remove" : "Revoke"} ${token.name}?` : ""}
      action={hasEnded ? "Remove" : "Revoke"}
      isOpen={token !== null}
      isPending={isRunning}
      errors={errors}
      onConfirm={revoke}
      onClose={close}
    >
      {hasEnded
        ? "It has ended and is refused already. It goes off this list."
        : "Its secret is refused from now on. Whatever uses it stops working until it has another. This cannot be taken back."}
    </ConfirmDialog>
  );
}
