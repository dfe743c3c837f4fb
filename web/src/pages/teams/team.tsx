import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, Navigate, useNavigate, useParams } from "react-router";
import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { NotFound } from "../../shell/not-found.tsx";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { Alert } from "../../ui/alert.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { Section } from "../../ui/section.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { AccessRequestTable, useAccessRequests } from "./access-requests.tsx";
import { DeleteTeamDialog } from "./delete-team-dialog.tsx";
import { EditTeamDialog } from "./edit-team-dialog.tsx";
import { OwnPlace } from "./own-place.tsx";
import { TeamMembersSection } from "./team-members.tsx";
import styles from "./teams.module.css";
import { TeamForRights, useTeamRights } from "./use-team-rights.ts";

const TeamPage = graphql(`
  query TeamPage($slug: String!, $team: String!) {
    organization(slug: $slug) {
      id
      team(slug: $team) {
        id
        name
        slug
        createdAt
        isIdpProvisioned
        ...TeamForRights
      }
    }
  }
`);

/** One team: who is in it, who wants to be, and what the team is called. */
export function Component() {
  const { slug } = useOrganization();
  const { team: teamSlug = "" } = useParams();
  const [{ data, error }, read] = useQuery({ query: TeamPage, variables: { slug, team: teamSlug } });
  const [asked, setAsked] = useState<"edit" | "delete" | null>(null);
  const access = useTeamRights();
  const navigate = useNavigate();
  const team = data?.organization?.team;

  if (!team || !access) {
    if (error) return <ErrorState failure={failureOf(error)} onRetry={read} />;
    return data && access ? <NotFound what="team" /> : <SkeletonRows />;
  }
  // Whoever has renamed it: what is read by the old slug from now on is another team, or none.
  if (team.slug !== teamSlug) return <Navigate replace to={paths.team(slug, team.slug)} />;
  const rights = access.rightsIn(getFragmentData(TeamForRights, team));

  return (
    <>
      <Link to={paths.organization(slug, "teams")} className={styles.back}>
        Teams
      </Link>
      <PageHeader
        title={team.name}
        lead={
          <>
            <code>{team.slug}</code> · made <RelativeTime at={team.createdAt} />
          </>
        }
        actions={
          <>
            <OwnPlace team={team} name={team.name} />
            {(rights.canUpdate || rights.canDelete) && (
              <Menu
                trigger={
                  <IconButton label="More about this team" variant="secondary">
                    <Ellipsis size={18} aria-hidden="true" />
                  </IconButton>
                }
              >
                {rights.canUpdate && (
                  <MenuItem onAction={() => setAsked("edit")} icon={<Pencil size={16} aria-hidden="true" />}>
                    Edit name
                  </MenuItem>
                )}
                {rights.canDelete && (
                  <MenuItem
                    isDangerous
                    onAction={() => setAsked("delete")}
                    icon={<Trash2 size={16} aria-hidden="true" />}
                  >
                    Delete
                  </MenuItem>
                )}
              </Menu>
            )}
          </>
        }
      />
      <div className={styles.part}>
        {team.isIdpProvisioned && (
          <Alert>
            The identity provider manages this team: who is in it is changed there, and it is deleted there.
          </Alert>
        )}
        <Requests teamId={team.id} />
        <TeamMembersSection team={team} rights={rights} />
      </div>
      <EditTeamDialog team={team} isOpen={asked === "edit"} onClose={() => setAsked(null)} />
      <DeleteTeamDialog
        team={team}
        isOpen={asked === "delete"}
        onClose={() => setAsked(null)}
        onDeleted={() => navigate(paths.organization(slug, "teams"), { replace: true })}
      />
    </>
  );
}

/** The requests for this team, if there are any that the caller decides. */
function Requests({ teamId }: { teamId: string }) {
  const { rows } = useAccessRequests();
  const ofTeam = rows.filter(({ team }) => team.id === teamId);
  if (ofTeam.length === 0) return null;
  return (
    <Section level={2} title="Requests for access">
      <AccessRequestTable rows={ofTeam} isOneTeam />
    </Section>
  );
}
