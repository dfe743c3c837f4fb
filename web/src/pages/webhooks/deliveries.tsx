import { Inbox, RefreshCw } from "lucide-react";
import { useCallback, useState } from "react";
import { useClient } from "urql";
import { useConnection } from "../../api/connection.ts";
import { refusalOf, useMutation } from "../../api/mutation.ts";
import { useRefreshing } from "../../api/use-refreshing.ts";
import type {
  WebhookDeliveriesQuery,
  WebhookDeliveryRowFragment,
  WebhookDeliveryStatus,
} from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { Section } from "../../ui/section.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { toastFailure, toastSuccess } from "../../ui/toast.tsx";
import { typeName } from "./event-types.ts";
import { RedeliverWebhook } from "./mutations.ts";
import { usePolling } from "./use-polling.ts";
import styles from "./webhooks.module.css";

const WebhookDeliveryRow = graphql(`
  fragment WebhookDeliveryRow on WebhookDelivery {
    id
    attempts
    createdAt
    error
    eventType
    lastAttemptAt
    nextAttemptAt
    responseStatus
    status
  }
`);

const WebhookDeliveries = graphql(`
  query WebhookDeliveries($id: ID!, $after: String, $status: WebhookDeliveryStatus) {
    node(id: $id) {
      id
      ... on Webhook {
        failingSince
        isEnabled
        disabledAt
        disabledReason
        deliveries(first: 25, after: $after, status: $status) {
          nodes {
            id
            ...WebhookDeliveryRow
          }
          pageInfo {
            endCursor
            hasNextPage
          }
        }
      }
    }
  }
`);

const deliveriesOf = ({ node }: WebhookDeliveriesQuery) =>
  node && "deliveries" in node ? node.deliveries : null;

type Filter = "ALL" | WebhookDeliveryStatus;

const filters: readonly { id: Filter; name: string }[] = [
  { id: "ALL", name: "All" },
  { id: "PENDING", name: "Waiting" },
  { id: "DELIVERED", name: "Delivered" },
  { id: "FAILED", name: "Given up" },
];

const pause = 5000;

/** What a webhook was and will be told. No event tells how it goes, so while something waits it is asked every few seconds. */
export function Deliveries({ webhookId }: { webhookId: string }) {
  const [filter, setFilter] = useState<Filter>("ALL");
  const client = useClient();
  const variables = useCallback(
    (after: string | null) => ({ id: webhookId, after, status: filter === "ALL" ? null : filter }),
    [webhookId, filter],
  );
  const list = useConnection({
    query: WebhookDeliveries,
    variables,
    connection: deliveriesOf,
    requestPolicy: "cache-and-network",
  });
  const rows = getFragmentData(WebhookDeliveryRow, list.rows);

  const refresh = useCallback(() => {
    client.query(WebhookDeliveries, variables(null), { requestPolicy: "network-only" }).toPromise();
  }, [client, variables]);
  useRefreshing(refresh);
  usePolling(
    refresh,
    pause,
    rows.some(({ status }) => status === "PENDING"),
  );

  return (
    <Section
      title="Deliveries"
      actions={
        <IconButton label="Look again" size="small" onPress={refresh}>
          <RefreshCw size={16} aria-hidden="true" />
        </IconButton>
      }
    >
      <div className={styles.part}>
        <div>
          <Segmented label="Which deliveries" options={filters} value={filter} onChange={setFilter} />
        </div>
        {list.isFirstLoad ? (
          <SkeletonRows count={3} />
        ) : list.failure && rows.length === 0 ? (
          <ErrorState failure={list.failure} onRetry={list.retry} />
        ) : rows.length === 0 ? (
          <EmptyState icon={<Inbox size={28} />} title="No deliveries">
            {filter === "ALL"
              ? "What happens from now on is sent, and is seen here for a month."
              : "There are none of this kind."}
          </EmptyState>
        ) : (
          <ul className={styles.deliveries}>
            {rows.map((delivery) => (
              <Delivery key={delivery.id} delivery={delivery} />
            ))}
          </ul>
        )}
        <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
      </div>
    </Section>
  );
}

const states = {
  PENDING: { tone: "info", name: "Waiting" },
  DELIVERED: { tone: "success", name: "Delivered" },
  FAILED: { tone: "danger", name: "Given up" },
} as const;

function Delivery({ delivery }: { delivery: WebhookDeliveryRowFragment }) {
  const { run, isRunning } = useMutation(RedeliverWebhook);
  const { tone, name } = states[delivery.status];

  async function redeliver() {
    const outcome = await run({ input: { deliveryId: delivery.id } });
    if (outcome.kind !== "ok") return toastFailure(refusalOf(outcome));
    toastSuccess("It is sent again now.");
  }

  return (
    <li className={styles.delivery}>
      <span className={styles.what}>
        <code>{typeName(delivery.eventType)}</code>
        <Badge tone={tone}>{name}</Badge>
      </span>
      <Button
        size="small"
        isPending={isRunning}
        onPress={redeliver}
        aria-label={`Send again: ${typeName(delivery.eventType)}`}
      >
        Send again
      </Button>
      <span className={styles.how}>
        <RelativeTime at={delivery.createdAt} />
        {" · "}
        {attemptsOf(delivery.attempts)}
        {delivery.error === null &&
          delivery.responseStatus !== null &&
          ` · answered ${delivery.responseStatus}`}
        {delivery.nextAttemptAt && delivery.attempts > 0 && (
          <>
            {" · next try "}
            <RelativeTime at={delivery.nextAttemptAt} />
          </>
        )}
      </span>
      {delivery.error && <span className={styles.error}>{delivery.error}</span>}
    </li>
  );
}

function attemptsOf(attempts: number): string {
  if (attempts === 0) return "not tried yet";
  return attempts === 1 ? "tried once" : `tried ${attempts} times`;
}
