import { useState } from "react";
import type { FormErrors } from "../../api/errors.ts";
import { errorsOf, useMutation } from "../../api/mutation.ts";
import type { InviteRowFragment } from "../../gql/graphql.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Form } from "../../ui/form.tsx";
import { toastSuccess } from "../../ui/toast.tsx";
import { InviteLink } from "./invite-link.tsx";
import { ResendInvite } from "./mutations.ts";

export interface ResendDialogProps {
  invite: InviteRowFragment;
  isMailed: boolean;
  onClose: () => void;
}

/** Sends an invite again, with the same link or a new one, and shows the link to who may see it. */
export function ResendDialog({ invite, isMailed, onClose }: ResendDialogProps) {
  const { can } = useOrganization();
  const { run, isRunning } = useMutation(ResendInvite);
  const [isNewLink, setNewLink] = useState(false);
  const [errors, setErrors] = useState<FormErrors>();
  const [url, setUrl] = useState<string>();
  const isExpired = invite.status === "EXPIRED";

  async function resend() {
    if (!invite.member) return;
    const outcome = await run({ input: { memberId: invite.member.id, regenerate: isNewLink || isExpired } });
    setErrors(errorsOf(outcome, []));
    if (outcome.kind !== "ok") return;
    if (outcome.payload.acceptUrl) return setUrl(outcome.payload.acceptUrl);
    toastSuccess(`The mail to ${invite.email} is on its way.`);
    onClose();
  }

  return (
    <Dialog title={isMailed ? "Send the invite again" : "Link of the invite"} isOpen onClose={onClose}>
      {url === undefined ? (
        <Form errors={errors} onSubmit={resend}>
          <p>
            {isMailed
              ? `${invite.email} gets the mail once more.`
              : `Invites are not mailed here. You get the link, and pass it on to ${invite.email}.`}
            {isExpired && " The invite has run out, so it gets a new link."}
          </p>
          {can("member:admin") && !isExpired && (
            <Checkbox
              label="Make a new link"
              description="It is good for the whole time again. The old link ends at once."
              isSelected={isNewLink}
              onChange={setNewLink}
            />
          )}
          <DialogActions>
            <Button onPress={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" isPending={isRunning}>
              {isMailed ? "Send again" : "Show the link"}
            </Button>
          </DialogActions>
        </Form>
      ) : (
        <InviteLink email={invite.email} url={url} isMailed={isMailed} onClose={onClose} />
      )}
    </Dialog>
  );
}
