import { Ellipsis, MailPlus, RotateCw, SearchX, Undo2 } from "lucide-react";
import { useMemo, useState } from "react";
import type { InviteRowFragment } from "../../gql/graphql.ts";
import { type OpenOrganization, useOrganization } from "../../shell/organization.tsx";
import { Badge } from "../../ui/badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";
import { Outdated } from "../../ui/outdated.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Delivery } from "./delivery.tsx";
import { filterOf, type InviteSearch } from "./invite-search.ts";
import styles from "./invites.module.css";
import { ResendDialog } from "./resend-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { useDeliveryNews } from "./use-delivery-news.ts";
import { useInviteChoices } from "./use-invite-choices.ts";
import { useInvites } from "./use-invites.ts";

/** The columns that do not depend on who looks. Requests have some of them, too. */
export const inviteColumns = {
  role: { name: "Role", cell: ({ role }) => role.name },
  teams: {
    name: "Teams",
    cell: ({ teams }) => (
      <span className={styles.teamNames}>{teams.map(({ name }) => name).join(", ") || "—"}</span>
    ),
  },
} as const satisfies Record<string, Column<InviteRowFragment>>;

/** The invites that nobody has accepted yet. */
export function InviteList({ search }: { search: InviteSearch }) {
  const organization = useOrganization();
  const isMailed = useInviteChoices()?.isMailed ?? true;
  const filter = useMemo(() => filterOf(search), [search]);
  const list = useInvites(filter);
  const [asked, setAsked] = useState<{ what: "resend" | "revoke"; invite: InviteRowFragment }>();
  useDeliveryNews(list.rows);

  if (list.isFirstLoad) return <SkeletonRows count={6} />;
  if (list.failure && list.rows.length === 0) {
    return <ErrorState failure={list.failure} onRetry={list.retry} />;
  }

  const columns: Column<InviteRowFragment>[] = [
    { name: "Address", cell: (invite) => <Address invite={invite} /> },
    inviteColumns.role,
    inviteColumns.teams,
    { name: "Runs out", cell: (invite) => <End invite={invite} /> },
    { name: "Mail", cell: ({ delivery }) => <Delivery delivery={delivery} /> },
    {
      name: "Actions",
      isNameHidden: true,
      isAtEnd: true,
      cell: (invite) => (
        <Actions
          invite={invite}
          isMailed={isMailed}
          canResend={canResend(invite, organization)}
          onResend={() => setAsked({ what: "resend", invite })}
          onRevoke={() => setAsked({ what: "revoke", invite })}
        />
      ),
    },
  ];

  // What was sent again may be in this list no more, but its dialog still has the link to show.
  return (
    <>
      <Outdated isOutdated={list.isOutdated}>
        {list.rows.length === 0 ? (
          <Nothing isSearched={search.query !== "" || search.status !== null} />
        ) : (
          <Table label="Invites" columns={columns} rows={list.rows} rowKey={({ id }) => id} />
        )}
        <LoadMore hasMore={list.hasMore} isLoading={list.isLoading} onLoadMore={list.loadMore} />
      </Outdated>
      {asked?.what === "resend" && (
        <ResendDialog invite={asked.invite} isMailed={isMailed} onClose={() => setAsked(undefined)} />
      )}
      {asked?.what === "revoke" && <RevokeDialog invite={asked.invite} onClose={() => setAsked(undefined)} />}
    </>
  );
}

/** An invite that has run out can only be sent with a new link, which needs more than to send it again. */
function canResend(invite: InviteRowFragment, { can }: OpenOrganization): boolean {
  return invite.viewerCanResend || (invite.status === "EXPIRED" && can("member:admin"));
}

function Address({ invite: { email, inviter } }: { invite: InviteRowFragment }) {
  return (
    <span className={styles.who}>
      <span className={styles.email} title={email}>
        {email}
      </span>
      {inviter && <span className={styles.by}>Invited by {inviter.name}</span>}
    </span>
  );
}

function End({ invite: { status, expiresAt } }: { invite: InviteRowFragment }) {
  const time = expiresAt && <RelativeTime at={expiresAt} />;
  if (status !== "EXPIRED") return time;
  return (
    <span className={styles.end}>
      <Badge tone="warning">Expired</Badge> <span className={styles.muted}>{time}</span>
    </span>
  );
}

interface ActionsProps {
  invite: InviteRowFragment;
  isMailed: boolean;
  canResend: boolean;
  onResend: () => void;
  onRevoke: () => void;
}

function Actions({ invite, isMailed, canResend, onResend, onRevoke }: ActionsProps) {
  if (!canResend && !invite.viewerCanRevoke) return null;
  return (
    <Menu
      trigger={
        <IconButton label={`What to do with the invite to ${invite.email}`}>
          <Ellipsis size={18} aria-hidden="true" />
        </IconButton>
      }
    >
      {canResend && (
        <MenuItem icon={<RotateCw size={16} aria-hidden="true" />} onAction={onResend}>
          {isMailed ? "Send again…" : "Get the link…"}
        </MenuItem>
      )}
      {invite.viewerCanRevoke && (
        <MenuItem isDangerous icon={<Undo2 size={16} aria-hidden="true" />} onAction={onRevoke}>
          Withdraw…
        </MenuItem>
      )}
    </Menu>
  );
}

function Nothing({ isSearched }: { isSearched: boolean }) {
  return isSearched ? (
    <EmptyState icon={<SearchX size={28} />} title="No invite found">
      No open invite is what you look for. Take away a letter or the filter.
    </EmptyState>
  ) : (
    <EmptyState icon={<MailPlus size={28} />} title="No open invites">
      Whoever is invited stands here until they have joined.
    </EmptyState>
  );
}
