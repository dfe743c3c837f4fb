import { CircleAlert, CircleCheck } from "lucide-react";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { DialogActions } from "../../ui/dialog.tsx";
import type { Results } from "./invite-dialog.tsx";
import styles from "./invites.module.css";

export interface InviteResultsProps {
  results: Results;
  isMailed: boolean;
  /** Goes back to the form with the addresses that were refused. */
  onRetry: (refused: Results) => void;
  onClose: () => void;
}

/** What became of each address: its link, or why there is none. */
export function InviteResults({ results, isMailed, onRetry, onClose }: InviteResultsProps) {
  const refused = results.filter(({ userErrors }) => userErrors.length > 0);
  const done = results.filter(({ userErrors }) => userErrors.length === 0);
  const links = done.flatMap(({ email, acceptUrl }) => (acceptUrl ? `${email} ${acceptUrl}` : []));

  return (
    <>
      {done.length > 0 && (
        <section className={styles.group}>
          <div className={styles.groupHead}>
            <h3>{people(done.length)} invited</h3>
            {links.length > 1 && <CopyButton text={links.join("\n")}>Copy all links</CopyButton>}
          </div>
          <p className={styles.muted}>{whatNext(isMailed, links.length > 0)}</p>
          <ul className={styles.results}>
            {done.map(({ email, acceptUrl }) => (
              <li key={email}>
                <CircleCheck size={16} className={styles.good} aria-hidden="true" />
                <span className={styles.address}>{email}</span>
                {acceptUrl && <CopyButton text={acceptUrl}>Copy link</CopyButton>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {refused.length > 0 && (
        <section className={styles.group} role="alert">
          <h3>{people(refused.length)} not invited</h3>
          <ul className={styles.results}>
            {refused.map(({ email, userErrors }) => (
              <li key={email}>
                <CircleAlert size={16} className={styles.bad} aria-hidden="true" />
                <span className={styles.address}>
                  {email}
                  {userErrors.map(({ code, message }) => (
                    <span key={code} className={styles.reason}>
                      {message}
                    </span>
                  ))}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <DialogActions>
        {refused.length > 0 && <Button onPress={() => onRetry(refused)}>Change and try again</Button>}
        <Button variant="primary" onPress={onClose} autoFocus>
          Done
        </Button>
      </DialogActions>
    </>
  );
}

function people(count: number): string {
  return count === 1 ? "1 address" : `${count} addresses`;
}

function whatNext(isMailed: boolean, hasLinks: boolean): string {
  if (!hasLinks)
    return isMailed ? "The mails are on their way." : "Somebody who may see the links has to pass them on.";
  return `${isMailed ? "The mails are on their way." : "Pass the links on yourself."} The links are shown only now; whoever has one can join.`;
}
