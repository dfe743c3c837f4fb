import { SearchX, UsersRound } from "lucide-react";
import { useCallback, useEffect } from "react";
import { Link } from "react-router";
import { useConnection } from "../../api/connection.ts";
import type { TeamListRowFragment, TeamsQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Badge } from "../../ui/badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Outdated } from "../../ui/outdated.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { OwnPlace } from "./own-place.tsx";
import styles from "./teams.module.css";
import { TeamForRights } from "./use-team-rights.ts";

const TeamListRow = graphql(`
  fragment TeamListRow on Team {
    id
    name
    slug
    isIdpProvisioned
    ...TeamForRights
    memberships(first: 4) {
      totalCount
      nodes {
        id
        member {
          id
          user {
            id
            avatar {
              ...AvatarImage
            }
          }
        }
      }
    }
  }
`);

const Teams = graphql(`
  query Teams($slug: String!, $after: String, $filter: TeamFilter) {
    organization(slug: $slug) {
      id
      teams(first: 50, after: $after, filter: $filter) {
        totalCount
        nodes {
          id
          ...TeamListRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

const teamsOf = (data: TeamsQuery) => data.organization?.teams;

export interface TeamListProps {
  /** Words of the name. */
  query: string;
  /** Whether only the caller's own are wanted. */
  isMine: boolean;
  onCount: (totalCount: number | undefined) => void;
}

/** The teams that are looked for. */
export function TeamList({ query, isMine, onCount }: TeamListProps) {
  const { slug } = useOrganization();
  const variables = useCallback(
    (after: string | null) => ({
      slug,
      after,
      filter: query || isMine ? { ...(query && { query }), ...(isMine && { myTeams: true }) } : null,
    }),
    [slug, query, isMine],
  );
  const list = useConnection({ query: Teams, variables, connection: teamsOf });
  const { totalCount } = list;
  useEffect(() => onCount(totalCount), [onCount, totalCount]);

  if (list.isFirstLoad) return <SkeletonRows count={6} />;
  if (list.failure && list.rows.length === 0) {
    return <ErrorState failure={list.failure} onRetry={list.retry} />;
  }

  return (
    <Outdated isOutdated={list.isOutdated}>
      {list.rows.length === 0 ? (
        <NoTeams isSearched={query !== ""} isMine={isMine} />
      ) : (
        <Table
          label="Teams"
          columns={columns}
          rows={getFragmentData(TeamListRow, list.rows)}
          rowKey={({ id }) => id}
        />
      )}
      <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
    </Outdated>
  );
}

const columns: readonly Column<TeamListRowFragment>[] = [
  { name: "Team", cell: (team) => <Name team={team} /> },
  { name: "Members", cell: (team) => <Members team={team} /> },
  { name: "Your role", cell: (team) => <OwnRole team={team} /> },
  {
    name: "Your place",
    isNameHidden: true,
    isAtEnd: true,
    cell: (team) => <OwnPlace team={team} name={team.name} size="small" />,
  },
];

function Name({ team }: { team: TeamListRowFragment }) {
  const { slug } = useOrganization();
  return (
    <span className={styles.team}>
      <span className={styles.line}>
        <Link to={paths.team(slug, team.slug)} className={styles.name}>
          {team.name}
        </Link>
        {team.isIdpProvisioned && <Badge>Identity provider</Badge>}
      </span>
      <span className={styles.slug}>{team.slug}</span>
    </span>
  );
}

function Members({ team: { memberships } }: { team: TeamListRowFragment }) {
  const people = memberships.nodes.flatMap(({ member }) => member.user ?? []);
  return (
    <span className={styles.members}>
      {people.length > 0 && (
        <span className={styles.stack}>
          {people.map((user) => (
            <Avatar key={user.id} avatar={user.avatar} size="small" />
          ))}
        </span>
      )}
      {memberships.totalCount.toLocaleString()}
    </span>
  );
}

function OwnRole({ team }: { team: TeamListRowFragment }) {
  const { viewerMembership } = getFragmentData(TeamForRights, team);
  return <span className={styles.muted}>{viewerMembership?.effectiveRole.name ?? "Not in it"}</span>;
}

function NoTeams({ isSearched, isMine }: { isSearched: boolean; isMine: boolean }) {
  if (isSearched) {
    return (
      <EmptyState icon={<SearchX size={28} />} title="No such team">
        Teams are found by a part of their name or of their name in addresses.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<UsersRound size={28} />}
      title={isMine ? "You are in no team yet" : "There are no teams yet"}
    >
      {isMine
        ? "Look at all teams to join one, or to ask for access."
        : "Teams are groups of members, with a role for each member."}
    </EmptyState>
  );
}
