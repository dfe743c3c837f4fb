import type { WebhookRowFragment } from "../../gql/graphql.ts";
import { Badge } from "../../ui/badge.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import styles from "./webhooks.module.css";

/** Whether a webhook is told anything, and if not, why not. */
export function WebhookState({ webhook }: { webhook: WebhookRowFragment }) {
  const { isEnabled, disabledReason, disabledAt, failingSince } = webhook;
  if (!isEnabled) {
    return (
      <span className={styles.state}>
        <Badge tone={disabledReason === "REQUESTED" ? undefined : "danger"}>Disabled</Badge>
        <span className={styles.muted}>
          {disabledReason && reasons[disabledReason]}
          {disabledAt && (
            <>
              , <RelativeTime at={disabledAt} />
            </>
          )}
        </span>
      </span>
    );
  }
  if (failingSince) {
    return (
      <span className={styles.state}>
        <Badge tone="warning">Failing</Badge>
        <span className={styles.muted}>
          since <RelativeTime at={failingSince} />
        </span>
      </span>
    );
  }
  return <Badge tone="success">Enabled</Badge>;
}

const reasons = {
  REQUESTED: "switched off",
  GONE: "its server answered 410: it is gone",
  FAILING: "every delivery had failed for days",
} as const;
