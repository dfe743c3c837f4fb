import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { useQuery } from "urql";
import { useOrganization } from "../../shell/organization.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { InviteList } from "./invite-list.tsx";
import { type InviteSearch, readSearch, requested, writeSearch } from "./invite-search.ts";
import { InviteToolbar } from "./invite-toolbar.tsx";
import styles from "./invites.module.css";
import { InviteRequestCount } from "./invites-query.ts";
import { RequestDialog } from "./request-dialog.tsx";
import { RequestList } from "./request-list.tsx";

const countFilter = { statuses: [...requested] };

/** Invites that are open, and requests to approve. The address says which tab is seen, and whether the dialog is open. */
export function Component() {
  const { slug, can, viewerCanInvite } = useOrganization();
  const [parameters, setParameters] = useSearchParams();
  const [{ data }] = useQuery({ query: InviteRequestCount, variables: { slug, filter: countFilter } });
  const requests = data?.organization?.invites.totalCount ?? 0;

  // The list must not change because something else of the address does.
  const searchText = writeSearch(new URLSearchParams(), readSearch(parameters)).toString();
  const search = useMemo(() => readSearch(new URLSearchParams(searchText)), [searchText]);
  const changeSearch = useCallback(
    (changes: Partial<InviteSearch>) =>
      setParameters((present) => writeSearch(present, changes), { replace: true }),
    [setParameters],
  );

  function set(name: "tab" | "new", value: string | null) {
    setParameters(
      (present) => {
        const next = new URLSearchParams(present);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  }

  const isAdding = parameters.has("new");
  return (
    <>
      <PageHeader
        title="Invites"
        lead="Places that are held open until somebody accepts the invite."
        actions={
          (viewerCanInvite || can("member:read")) && (
            <Button variant="primary" onPress={() => set("new", "")}>
              {viewerCanInvite ? "Invite people" : "Ask for an invite"}
            </Button>
          )
        }
      />
      <Tabs
        label="Invites and requests"
        value={parameters.get("tab") === "requests" ? "requests" : "open"}
        onChange={(tab) => set("tab", tab === "open" ? null : tab)}
        tabs={[
          {
            id: "open",
            name: "Open invites",
            content: (
              <>
                <InviteToolbar search={search} onChange={changeSearch} />
                <InviteList search={search} />
              </>
            ),
          },
          {
            id: "requests",
            name: (
              <span className={styles.tab}>
                Requests
                {requests > 0 && <Badge tone="info">{requests}</Badge>}
              </span>
            ),
            content: <RequestList />,
          },
        ]}
      />
      <InviteDialog isOpen={isAdding && viewerCanInvite} onClose={() => set("new", null)} />
      <RequestDialog isOpen={isAdding && !viewerCanInvite} onClose={() => set("new", null)} />
    </>
  );
}
