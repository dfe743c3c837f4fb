import { Plus } from "lucide-react";
import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";
import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { AccessRequests, useAccessRequests } from "./access-requests.tsx";
import { CreateTeamDialog } from "./create-team-dialog.tsx";
import { TeamList } from "./team-list.tsx";
import { TeamToolbar } from "./team-toolbar.tsx";
import styles from "./teams.module.css";

const TeamsPage = graphql(`
  query TeamsPage($slug: String!) {
    organization(slug: $slug) {
      id
      viewerCanCreateTeam
    }
  }
`);

/** The teams of the organization, and who waits to get into one. The address says which are looked at. */
export function Component() {
  const { slug, can } = useOrganization();
  const [{ data }] = useQuery({ query: TeamsPage, variables: { slug } });
  const requests = useAccessRequests();
  const [isCreating, setCreating] = useState(false);
  const [totalCount, setTotalCount] = useState<number>();
  const [parameters, setParameters] = useSearchParams();
  const query = parameters.get("q") ?? "";
  const isMine = parameters.get("teams") === "mine";
  const tab = parameters.get("tab") === "requests" ? "requests" : "teams";

  const set = useCallback(
    (name: string, value: string) =>
      setParameters(
        (present) => {
          const next = new URLSearchParams(present);
          if (value) next.set(name, value);
          else next.delete(name);
          return next;
        },
        { replace: true },
      ),
    [setParameters],
  );
  const setQuery = useCallback((words: string) => set("q", words), [set]);

  const list = (
    <div className={styles.part}>
      <TeamToolbar
        query={query}
        isMine={isMine}
        onQuery={setQuery}
        onMine={(mine) => set("teams", mine ? "mine" : "")}
      />
      <TeamList query={query} isMine={isMine} onCount={setTotalCount} />
    </div>
  );
  const waiting = requests.totalCount ?? 0;
  const decides = can("org:write") || waiting > 0 || tab === "requests";

  return (
    <>
      <PageHeader
        title="Teams"
        count={totalCount}
        actions={
          data?.organization?.viewerCanCreateTeam && (
            <Button variant="primary" onPress={() => setCreating(true)}>
              <Plus size={16} aria-hidden="true" />
              Create a team
            </Button>
          )
        }
      />
      {decides ? (
        <Tabs
          label="Teams and requests"
          tabs={[
            { id: "teams", name: "Teams", content: list },
            {
              id: "requests",
              name: (
                <span className={styles.line}>
                  Requests for access
                  {waiting > 0 && <Badge tone="info">{waiting.toLocaleString()}</Badge>}
                </span>
              ),
              content: <AccessRequests list={requests} />,
            },
          ]}
          value={tab}
          onChange={(chosen) => set("tab", chosen === "requests" ? chosen : "")}
        />
      ) : (
        list
      )}
      <CreateTeamDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  );
}
