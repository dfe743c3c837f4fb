import { Button } from "../../ui/button.tsx";
import { CopyField } from "../../ui/copy-button.tsx";
import { DialogActions } from "../../ui/dialog.tsx";
import styles from "./invites.module.css";

export interface InviteLinkProps {
  email: string;
  url: string;
  isMailed: boolean;
  onClose: () => void;
}

/** The link of an invite, which is seen only once. */
export function InviteLink({ email, url, isMailed, onClose }: InviteLinkProps) {
  return (
    <>
      <p>
        {isMailed
          ? `The mail to ${email} is on its way. You can also pass the link on yourself.`
          : `Pass this link on to ${email} yourself: invites are not mailed here.`}
      </p>
      <CopyField label="Link of the invite" text={url} />
      <p className={styles.muted}>It is shown only now. Whoever has it can join.</p>
      <DialogActions>
        <Button variant="primary" onPress={onClose} autoFocus>
          Done
        </Button>
      </DialogActions>
    </>
  );
}
