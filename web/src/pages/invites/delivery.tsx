import type { InviteRowFragment } from "../../gql/graphql.ts";
import { Badge } from "../../ui/badge.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import styles from "./invites.module.css";

/** What became of the mail of an invite. */
export function Delivery({ delivery }: Pick<InviteRowFragment, "delivery">) {
  const { status, attempts, lastError, lastSentAt } = delivery;
  switch (status) {
    case "NOT_REQUESTED":
      return <span className={styles.muted}>Not mailed</span>;
    case "QUEUED":
      return <span className={styles.muted}>{attempts > 0 ? "Being tried again" : "On its way"}</span>;
    case "SENT":
      return <span className={styles.muted}>Sent {lastSentAt && <RelativeTime at={lastSentAt} />}</span>;
    case "FAILED":
      return (
        <span className={styles.failed}>
          <Badge tone="danger">Not delivered</Badge>
          {lastError && (
            <span className={styles.error} title={lastError}>
              {lastError}
            </span>
          )}
        </span>
      );
  }
}
