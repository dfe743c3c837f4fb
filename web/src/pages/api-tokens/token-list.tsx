import { KeyRound } from "lucide-react";
import { useCallback, useState } from "react";
import { useConnection } from "../../api/connection.ts";
import { useRefreshing } from "../../api/use-refreshing.ts";
import type { ApiTokenRowFragment, ApiTokensQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import styles from "./api-tokens.module.css";
import { stateOf } from "./expiry.ts";
import { RevokeTokenDialog } from "./revoke-token-dialog.tsx";

const ApiTokenRow = graphql(`
  fragment ApiTokenRow on ApiToken {
    id
    name
    prefix
    scopes
    createdAt
    expiresAt
    lastUsedAt
    createdBy {
      id
      name
    }
  }
`);

const ApiTokens = graphql(`
  query ApiTokens($slug: String!, $after: String) {
    organization(slug: $slug) {
      id
      apiTokens(first: 50, after: $after) {
        totalCount
        nodes {
          id
          ...ApiTokenRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

const tokensOf = (data: ApiTokensQuery) => data.organization?.apiTokens;

/** The tokens of the organization, those that have ended last. */
export function TokenList({ onCreate }: { onCreate: () => void }) {
  const { slug } = useOrganization();
  const variables = useCallback((after: string | null) => ({ slug, after }), [slug]);
  const list = useConnection({
    query: ApiTokens,
    variables,
    connection: tokensOf,
    // When a token was used, no event tells.
    requestPolicy: "cache-and-network",
  });
  useRefreshing(list.refresh);
  const [revoked, setRevoked] = useState<ApiTokenRowFragment | null>(null);

  if (list.isFirstLoad) return <SkeletonRows count={4} />;
  if (list.failure && list.rows.length === 0) {
    return <ErrorState failure={list.failure} onRetry={list.retry} />;
  }
  if (list.rows.length === 0) {
    return (
      <EmptyState
        icon={<KeyRound size={28} />}
        title="There are no API tokens yet"
        actions={
          <Button variant="primary" onPress={onCreate}>
            Create a token
          </Button>
        }
      >
        An app that talks to the API sends a token. It can do what you say, in this organization only.
      </EmptyState>
    );
  }

  const rows = getFragmentData(ApiTokenRow, list.rows);
  const ended = rows.filter((token) => hasEnded(token));
  const columns: readonly Column<ApiTokenRowFragment>[] = [
    ...tokenColumns,
    {
      name: "Revoke",
      isNameHidden: true,
      isAtEnd: true,
      cell: (token) => (
        <Button
          size="small"
          aria-label={`${hasEnded(token) ? "Remove" : "Revoke"} ${token.name}`}
          onPress={() => setRevoked(token)}
        >
          {hasEnded(token) ? "Remove" : "Revoke"}
        </Button>
      ),
    },
  ];

  return (
    <>
      <Table
        label="API tokens"
        columns={columns}
        rows={[...rows.filter((token) => !ended.includes(token)), ...ended]}
        rowKey={({ id }) => id}
      />
      <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
      <RevokeTokenDialog
        token={revoked}
        hasEnded={revoked !== null && hasEnded(revoked)}
        onClose={() => setRevoked(null)}
      />
    </>
  );
}

function hasEnded({ expiresAt }: ApiTokenRowFragment): boolean {
  return stateOf(expiresAt, Date.now()) === "ended";
}

const tokenColumns: readonly Column<ApiTokenRowFragment>[] = [
  { name: "Token", cell: (token) => <Name token={token} /> },
  { name: "May do", cell: ({ scopes }) => <Scopes scopes={scopes} /> },
  {
    name: "Last used",
    cell: ({ lastUsedAt }) => (
      <span className={styles.muted}>{lastUsedAt ? <RelativeTime at={lastUsedAt} /> : "Never"}</span>
    ),
  },
  { name: "Ends", cell: ({ expiresAt }) => <Ends at={expiresAt} /> },
];

function Name({ token }: { token: ApiTokenRowFragment }) {
  return (
    <span>
      <span className={styles.name}>{token.name}</span>
      <span className={styles.note}>
        <code>{token.prefix}…</code> · made <RelativeTime at={token.createdAt} />
        {token.createdBy && ` by ${token.createdBy.name}`}
      </span>
    </span>
  );
}

function Scopes({ scopes }: { scopes: readonly string[] }) {
  return (
    <span className={styles.badges}>
      {scopes.map((scope) => (
        <Badge key={scope}>{scope}</Badge>
      ))}
    </span>
  );
}

function Ends({ at }: { at: string | null }) {
  const state = stateOf(at, Date.now());
  if (at === null) return <span className={styles.muted}>Never</span>;
  if (state === "ended") {
    return (
      <span className={styles.ends}>
        <Badge tone="danger">Ended</Badge>
        <span className={styles.muted}>
          <RelativeTime at={at} />
        </span>
      </span>
    );
  }
  return state === "ending" ? (
    <Badge tone="warning">
      <RelativeTime at={at} />
    </Badge>
  ) : (
    <span className={styles.muted}>
      <RelativeTime at={at} />
    </span>
  );
}
