import { Inbox } from "lucide-react";
import { useCallback, useState } from "react";
import { Link } from "react-router";
import { useConnection } from "../../api/connection.ts";
import { refusalOf, useMutation } from "../../api/mutation.ts";
import type { TeamAccessRequestRowFragment, TeamAccessRequestsQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Person } from "../../ui/person.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { toastFailure, toastSuccess } from "../../ui/toast.tsx";
import { DecideTeamAccessRequest } from "./mutations.ts";
import styles from "./teams.module.css";

const TeamAccessRequestRow = graphql(`
  fragment TeamAccessRequestRow on TeamAccessRequest {
    id
    createdAt
    member {
      id
      name
      email
      user {
        id
        avatar {
          ...AvatarImage
        }
      }
    }
    requester {
      id
      name
    }
    team {
      id
      name
      slug
    }
  }
`);

const TeamAccessRequests = graphql(`
  query TeamAccessRequests($slug: String!, $after: String) {
    organization(slug: $slug) {
      id
      teamAccessRequests(first: 100, after: $after) {
        totalCount
        nodes {
          id
          ...TeamAccessRequestRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

const requestsOf = (data: TeamAccessRequestsQuery) => data.organization?.teamAccessRequests;

/** The requests that the caller decides, of all teams. New ones are told by no event, so they are read on each visit. */
export function useAccessRequests() {
  const { slug } = useOrganization();
  const variables = useCallback((after: string | null) => ({ slug, after }), [slug]);
  const list = useConnection({
    query: TeamAccessRequests,
    variables,
    connection: requestsOf,
    requestPolicy: "cache-and-network",
  });
  return { ...list, rows: getFragmentData(TeamAccessRequestRow, list.rows) };
}

export type AccessRequestList = ReturnType<typeof useAccessRequests>;

/** All requests for access to teams that the caller decides. */
export function AccessRequests({ list }: { list: AccessRequestList }) {
  if (list.isFirstLoad) return <SkeletonRows count={3} />;
  if (list.failure && list.rows.length === 0) {
    return <ErrorState failure={list.failure} onRetry={list.retry} />;
  }
  if (list.rows.length === 0) {
    return (
      <EmptyState icon={<Inbox size={28} />} title="Nobody waits for an answer">
        Where membership is closed, members ask for access to a team, and who can let them in finds them here.
      </EmptyState>
    );
  }
  return (
    <>
      <AccessRequestTable rows={list.rows} />
      <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
    </>
  );
}

export interface AccessRequestTableProps {
  rows: readonly TeamAccessRequestRowFragment[];
  /** Whether all are of the same team, which the page names. */
  isOneTeam?: boolean;
}

/** Requests, each with the decision. */
export function AccessRequestTable({ rows, isOneTeam = false }: AccessRequestTableProps) {
  const { slug } = useOrganization();
  const columns: Column<TeamAccessRequestRowFragment>[] = [
    {
      name: "Member",
      cell: ({ member }) => (
        <Person
          avatar={member.user?.avatar}
          name={member.name}
          note={member.email !== member.name && member.email}
        />
      ),
    },
    { name: "Team", cell: ({ team }) => <Link to={paths.team(slug, team.slug)}>{team.name}</Link> },
    {
      name: "Asked",
      cell: ({ createdAt, requester }) => (
        <span className={styles.muted}>
          <RelativeTime at={createdAt} />
          {requester && ` by ${requester.name}`}
        </span>
      ),
    },
    {
      name: "Decision",
      isNameHidden: true,
      isAtEnd: true,
      cell: (request) => <Decision request={request} />,
    },
  ];
  return (
    <Table
      label="Requests for access"
      columns={isOneTeam ? columns.filter(({ name }) => name !== "Team") : columns}
      rows={rows}
      rowKey={({ id }) => id}
    />
  );
}

function Decision({ request }: { request: TeamAccessRequestRowFragment }) {
  const { run } = useMutation(DecideTeamAccessRequest);
  const [decided, setDecided] = useState<boolean | null>(null);
  const who = `${request.member.name}, ${request.team.name}`;

  async function decide(isApproved: boolean) {
    setDecided(isApproved);
    const outcome = await run({ input: { requestId: request.id, isApproved } });
    setDecided(null);
    if (outcome.kind !== "ok") return toastFailure(refusalOf(outcome));
    toastSuccess(
      isApproved
        ? `${request.member.name} is in ${request.team.name} now.`
        : `${request.member.name} does not get into ${request.team.name}. No mail tells them.`,
    );
  }

  return (
    <span className={styles.buttons}>
      <Button
        size="small"
        variant="quiet"
        isPending={decided === false}
        onPress={() => decide(false)}
        aria-label={`Deny: ${who}`}
      >
        Deny
      </Button>
      <Button
        size="small"
        isPending={decided === true}
        onPress={() => decide(true)}
        aria-label={`Approve: ${who}`}
      >
        Approve
      </Button>
    </span>
  );
}
