import { UsersRound, X } from "lucide-react";
import { useCallback, useState } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { useConnection } from "../../api/connection.ts";
import { refusalOf, useMutation } from "../../api/mutation.ts";
import type { TeamMemberRowFragment, TeamMembersQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { Badge } from "../../ui/badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Person } from "../../ui/person.tsx";
import { Section } from "../../ui/section.tsx";
import { Select } from "../../ui/select.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { toastFailure } from "../../ui/toast.tsx";
import { AddMember } from "./add-member.tsx";
import { UpdateTeamMemberRole } from "./mutations.ts";
import { RemoveFromTeamDialog } from "./remove-from-team-dialog.tsx";
import type { TeamRights } from "./team-rights.ts";
import styles from "./teams.module.css";

const TeamMemberRow = graphql(`
  fragment TeamMemberRow on TeamMembership {
    id
    effectiveRole {
      id
      name
      priority
    }
    member {
      id
      name
      email
      isPending
      isViewer
      role {
        id
        name
        minimumTeamRole {
          id
          priority
        }
      }
      user {
        id
        avatar {
          ...AvatarImage
        }
      }
    }
  }
`);

const TeamMembers = graphql(`
  query TeamMembers($slug: String!, $team: String!, $after: String) {
    organization(slug: $slug) {
      id
      team(slug: $team) {
        id
        memberships(first: 50, after: $after) {
          totalCount
          nodes {
            id
            ...TeamMemberRow
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

const TeamRoles = graphql(`
  query TeamRoles {
    teamRoles {
      id
      name
      description
      priority
    }
  }
`);

const membershipsOf = (data: TeamMembersQuery) => data.organization?.team?.memberships;

export interface TeamMembersSectionProps {
  team: { id: string; name: string; slug: string; isIdpProvisioned: boolean };
  rights: TeamRights;
}

/** Who is in the team, with which role. */
export function TeamMembersSection({ team, rights }: TeamMembersSectionProps) {
  const { slug } = useOrganization();
  const variables = useCallback(
    (after: string | null) => ({ slug, team: team.slug, after }),
    [slug, team.slug],
  );
  const list = useConnection({ query: TeamMembers, variables, connection: membershipsOf });
  const [removed, setRemoved] = useState<TeamMemberRowFragment | null>(null);
  const canRemove = rights.canManageMembers && !team.isIdpProvisioned;

  const columns: Column<TeamMemberRowFragment>[] = [
    { name: "Member", cell: ({ member }) => <Who member={member} /> },
    { name: "Role", cell: ({ member }) => <span className={styles.muted}>{member.role.name}</span> },
    {
      name: "Role in the team",
      cell: (place) => <RoleInTeam place={place} team={team} rights={rights} />,
    },
    {
      name: "Remove",
      isNameHidden: true,
      isAtEnd: true,
      cell: (place) =>
        canRemove &&
        !place.member.isViewer && (
          <IconButton
            label={`Take ${place.member.name} out of the team`}
            size="small"
            onPress={() => setRemoved(place)}
          >
            <X size={16} aria-hidden="true" />
          </IconButton>
        ),
    },
  ];
  const rows = getFragmentData(TeamMemberRow, list.rows);

  return (
    <Section level={2} title={list.totalCount ? `Members (${list.totalCount.toLocaleString()})` : "Members"}>
      <div className={styles.part}>
        {rights.canAddMembers && <AddMember team={team} addsAtOnce={rights.addsAtOnce} />}
        {list.isFirstLoad ? (
          <SkeletonRows count={5} />
        ) : list.failure && rows.length === 0 ? (
          <ErrorState failure={list.failure} onRetry={list.retry} />
        ) : rows.length === 0 ? (
          <EmptyState icon={<UsersRound size={28} />} title="Nobody is in this team yet" />
        ) : (
          <Table label="Members of the team" columns={columns} rows={rows} rowKey={({ id }) => id} />
        )}
        <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
      </div>
      <RemoveFromTeamDialog team={team} member={removed?.member ?? null} onClose={() => setRemoved(null)} />
    </Section>
  );
}

function Who({ member }: { member: TeamMemberRowFragment["member"] }) {
  const { slug } = useOrganization();
  return (
    <Person
      avatar={member.user?.avatar}
      name={
        <span className={styles.line}>
          <Link
            to={`${paths.organization(slug, "members")}?member=${encodeURIComponent(member.id)}`}
            className={styles.name}
          >
            {member.name}
          </Link>
          {member.isViewer && <span className={styles.muted}>(you)</span>}
          {member.isPending && <Badge tone="info">Pending</Badge>}
        </span>
      }
      note={member.email !== member.name && member.email}
    />
  );
}

interface RoleInTeamProps extends TeamMembersSectionProps {
  place: TeamMemberRowFragment;
}

/** The role of a member in the team; chosen in place among those that the caller gives and the member does not have anyway. */
function RoleInTeam({ place, team, rights }: RoleInTeamProps) {
  const [{ data }] = useQuery({ query: TeamRoles });
  const { run } = useMutation(UpdateTeamMemberRole);
  const { member, effectiveRole } = place;
  const least = member.role.minimumTeamRole.priority;
  const options = (data?.teamRoles ?? []).filter(
    ({ priority }) => priority >= least && priority <= rights.highestRole,
  );
  const isChangeable =
    rights.canManageMembers && effectiveRole.priority <= rights.highestRole && options.length > 1;
  if (!isChangeable) return effectiveRole.name;

  async function change(teamRole: string) {
    const outcome = await run({ input: { teamId: team.id, memberId: member.id, teamRole } });
    if (outcome.kind !== "ok") toastFailure(refusalOf(outcome));
  }

  return (
    <span className={styles.role}>
      <Select
        label={`Role of ${member.name} in the team`}
        isLabelHidden
        options={options}
        value={effectiveRole.id}
        onChange={change}
      />
    </span>
  );
}
