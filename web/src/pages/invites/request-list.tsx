import { Inbox } from "lucide-react";
import { useState } from "react";
import type { InviteFilter, InviteRowFragment } from "../../gql/graphql.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { ApproveDialog } from "./approve-dialog.tsx";
import { inviteColumns } from "./invite-list.tsx";
import { requested } from "./invite-search.ts";
import styles from "./invites.module.css";
import { RejectDialog } from "./reject-dialog.tsx";
import { useInvites } from "./use-invites.ts";

const openRequests: InviteFilter = { statuses: [...requested] };

/** Requests that wait for somebody to decide. */
export function RequestList() {
  const { can } = useOrganization();
  const list = useInvites(openRequests);
  const [asked, setAsked] = useState<{ what: "approve" | "reject"; request: InviteRowFragment }>();

  if (list.isFirstLoad) return <SkeletonRows count={3} />;
  if (list.failure && list.rows.length === 0) {
    return <ErrorState failure={list.failure} onRetry={list.retry} />;
  }

  const columns: Column<InviteRowFragment>[] = [
    { name: "Address", cell: (request) => <Address request={request} /> },
    inviteColumns.role,
    inviteColumns.teams,
    {
      name: "Asked",
      cell: ({ createdAt }) => (
        <span className={styles.muted}>
          <RelativeTime at={createdAt} />
        </span>
      ),
    },
    {
      name: "Actions",
      isNameHidden: true,
      isAtEnd: true,
      cell: (request) =>
        request.viewerCanDecide && (
          <span className={styles.decisions}>
            <Button
              size="small"
              aria-label={`Reject ${request.email}`}
              onPress={() => setAsked({ what: "reject", request })}
            >
              Reject
            </Button>
            {can("member:admin") && (
              <Button
                size="small"
                aria-label={`Approve ${request.email}`}
                onPress={() => setAsked({ what: "approve", request })}
              >
                Approve…
              </Button>
            )}
          </span>
        ),
    },
  ];

  // What was approved is a request no more, but its dialog still has the link to show.
  return (
    <>
      {list.rows.length === 0 ? (
        <EmptyState icon={<Inbox size={28} />} title="No open requests">
          Members who may not invite can ask for it, and others can ask to join. It all comes here.
        </EmptyState>
      ) : (
        <Table label="Requests" columns={columns} rows={list.rows} rowKey={({ id }) => id} />
      )}
      <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
      {asked?.what === "approve" && (
        <ApproveDialog request={asked.request} onClose={() => setAsked(undefined)} />
      )}
      {asked?.what === "reject" && (
        <RejectDialog request={asked.request} onClose={() => setAsked(undefined)} />
      )}
    </>
  );
}

function Address({ request: { email, status, inviter } }: { request: InviteRowFragment }) {
  return (
    <span className={styles.who}>
      <span className={styles.email} title={email}>
        {email}
      </span>
      <span className={styles.by}>
        {status === "REQUESTED_TO_JOIN"
          ? "Wants to join"
          : inviter
            ? `${inviter.name} asks for it`
            : "A member asks for it"}
      </span>
    </span>
  );
}
