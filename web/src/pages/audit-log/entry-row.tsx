import type { AuditLogRowFragment } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import type { ListColumn } from "../../ui/virtual-list.tsx";
import styles from "./audit-log.module.css";
import { sentenceOf } from "./entry-changes.ts";

/** What a row of the log shows, and what it shows when it is unfolded. */
export const AuditLogRow = graphql(`
  fragment AuditLogRow on AuditLogEntry {
    id
    event
    message
    data
    createdAt
    ipAddress
    actorLabel
    targetId
    actor {
      id
      name
      avatar {
        ...AvatarImage
      }
    }
    targetUser {
      id
      name
    }
  }
`);

interface CellProps {
  entry: AuditLogRowFragment;
}

/** The columns of the log. */
export const entryColumns: readonly ListColumn<AuditLogRowFragment>[] = [
  { name: "What happened", width: "4fr", cell: (entry) => <Sentence entry={entry} /> },
  {
    name: "When",
    width: "1fr",
    cell: ({ createdAt }) => (
      <span className={styles.muted}>
        <RelativeTime at={createdAt} />
      </span>
    ),
  },
  { name: "From", width: "1fr", cell: ({ ipAddress }) => <span className={styles.muted}>{ipAddress}</span> },
];

function Sentence({ entry }: CellProps) {
  const { actor, event, message, data } = entry;
  return (
    <span className={styles.sentence}>
      {actor ? (
        <Avatar avatar={actor.avatar} size="small" />
      ) : (
        <span className={styles.noActor} aria-hidden="true" />
      )}
      <span className={styles.words}>
        <strong>
          <bdi>{actorName(entry)}</bdi>
        </strong>{" "}
        <bdi>{sentenceOf(event, message, data)}</bdi>
      </span>
    </span>
  );
}

/** Who did it, as it was told then. What nobody did who is known by name, the service or somebody outside did. */
function actorName({ actorLabel, actor, event }: AuditLogRowFragment): string {
  if (actorLabel) return actorLabel;
  if (actor) return actor.name;
  return event.startsWith("invite-request.") ? "Somebody outside" : "Roster";
}
