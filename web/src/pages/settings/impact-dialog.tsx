import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Person } from "../../ui/person.tsx";
import type { Impact } from "./save.ts";
import styles from "./settings.module.css";

export interface ImpactDialogProps {
  /** Null: closed. */
  impact: Impact | null;
  isSaving: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Shows who loses access by a new requirement, before it is one. */
export function ImpactDialog({ impact, isSaving, onConfirm, onClose }: ImpactDialogProps) {
  return (
    <ConfirmDialog
      title="Require this of everybody?"
      action="Require it"
      isDangerous={impact !== null && impact.affectedMemberCount > 0}
      isOpen={impact !== null}
      isPending={isSaving}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {impact && <Affected impact={impact} />}
    </ConfirmDialog>
  );
}

function Affected({ impact: { affectedMemberCount: count, affectedMembers: members } }: { impact: Impact }) {
  if (count === 0) return <p>Everybody meets it already. Nobody loses access.</p>;
  const further = count - members.length;
  return (
    <div className={styles.stack}>
      <p>
        <strong>{count === 1 ? "1 person loses" : `${count.toLocaleString("en")} people lose`} access</strong>{" "}
        until they meet it. Each gets a new invite by mail, and keeps role and teams.
      </p>
      {members.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
        <ul className={styles.affected} tabIndex={0} aria-label="Who loses access">
          {members.map(({ id, name, email, user }) => (
            <li key={id}>
              <Person size="small" avatar={user?.avatar} name={name} note={email !== name && email} />
            </li>
          ))}
          {further > 0 && <li className={styles.muted}>and {further.toLocaleString("en")} more</li>}
        </ul>
      )}
    </div>
  );
}
