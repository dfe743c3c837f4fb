import { Webhook } from "lucide-react";
import { useCallback } from "react";
import { Link, useSearchParams } from "react-router";
import { useConnection } from "../../api/connection.ts";
import { useRefreshing } from "../../api/use-refreshing.ts";
import type { WebhookRowFragment, WebhooksQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { typeName } from "./event-types.ts";
import { WebhookRow } from "./webhook-row.ts";
import { WebhookState } from "./webhook-state.tsx";
import styles from "./webhooks.module.css";

const Webhooks = graphql(`
  query Webhooks($slug: String!, $after: String) {
    organization(slug: $slug) {
      id
      webhooks(first: 50, after: $after) {
        totalCount
        nodes {
          id
          ...WebhookRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

const webhooksOf = (data: WebhooksQuery) => data.organization?.webhooks;

/** The webhooks of the organization. */
export function WebhookList({ onCreate }: { onCreate: () => void }) {
  const { slug } = useOrganization();
  const variables = useCallback((after: string | null) => ({ slug, after }), [slug]);
  const list = useConnection({
    query: Webhooks,
    variables,
    connection: webhooksOf,
    // That one fails or was disabled is told by no event.
    requestPolicy: "cache-and-network",
  });
  useRefreshing(list.refresh);

  if (list.isFirstLoad) return <SkeletonRows count={3} />;
  if (list.failure && list.rows.length === 0) {
    return <ErrorState failure={list.failure} onRetry={list.retry} />;
  }
  if (list.rows.length === 0) {
    return (
      <EmptyState
        icon={<Webhook size={28} />}
        title="There are no webhooks yet"
        actions={
          <Button variant="primary" onPress={onCreate}>
            Create a webhook
          </Button>
        }
      >
        A webhook is a server of yours that is told what happens here: members who come and go, teams that
        change.
      </EmptyState>
    );
  }
  return (
    <>
      <Table
        label="Webhooks"
        columns={columns}
        rows={getFragmentData(WebhookRow, list.rows)}
        rowKey={({ id }) => id}
      />
      <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
    </>
  );
}

const columns: readonly Column<WebhookRowFragment>[] = [
  { name: "Webhook", cell: (webhook) => <Name webhook={webhook} /> },
  { name: "Told of", cell: (webhook) => <EventTypes webhook={webhook} /> },
  { name: "State", cell: (webhook) => <WebhookState webhook={webhook} /> },
];

function Name({ webhook }: { webhook: WebhookRowFragment }) {
  const [parameters] = useSearchParams();
  const open = new URLSearchParams(parameters);
  open.set("webhook", webhook.id);
  return (
    <span className={styles.names}>
      <Link to={{ search: open.toString() }} className={styles.name}>
        {webhook.description ?? new URL(webhook.url).host}
      </Link>
      <span className={styles.url}>{webhook.url}</span>
    </span>
  );
}

function EventTypes({ webhook: { eventTypes } }: { webhook: WebhookRowFragment }) {
  if (eventTypes === null) return "Everything";
  const [first, ...others] = eventTypes.map(typeName);
  return (
    <span title={eventTypes.map(typeName).join(", ")}>
      <code>{first}</code>
      {others.length > 0 && <span className={styles.muted}> and {others.length} more</span>}
    </span>
  );
}
