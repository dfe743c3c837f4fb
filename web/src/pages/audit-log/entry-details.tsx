import type { AuditLogRowFragment } from "../../gql/graphql.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/facts.tsx";
import styles from "./audit-log.module.css";
import { changesIn, factsIn } from "./entry-changes.ts";
import type { EntrySearch } from "./entry-search.ts";
import { eventName } from "./event-kinds.ts";

export interface EntryDetailsProps {
  entry: AuditLogRowFragment;
  search: EntrySearch;
  onChange: (changes: Partial<EntrySearch>) => void;
}

/** Everything that an entry tells: what changed, or what was known of the target then. */
export function EntryDetails({ entry, search, onChange }: EntryDetailsProps) {
  const { event, data, actor, actorLabel, targetUser, createdAt, ipAddress } = entry;
  const changes = changesIn(event, data);

  return (
    <div className={styles.details}>
      {changes.length > 0 && (
        <ul className={styles.changes} aria-label="Changes">
          {changes.map(({ name, value }) => (
            <li key={name}>
              <strong>{name}</strong> {value}
            </li>
          ))}
        </ul>
      )}
      <Facts
        facts={[
          ["When", new Date(createdAt).toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })],
          ["Kind", `${eventName(event)} (${event})`],
          // Names change; the log keeps the one of then.
          ["Now called", actor && actor.name !== actorLabel ? actor.name : null],
          ["Done to", targetUser?.name],
          ["Address", ipAddress],
          ...(changes.length > 0 ? [] : factsIn(data).map(({ name, value }) => [name, value] as const)),
        ]}
      />
      <div className={styles.narrow}>
        {actor && search.actor !== actor.id && (
          <Button size="small" onPress={() => onChange({ actor: actor.id })}>
            Only by {actor.name}
          </Button>
        )}
        {search.events.join() !== event && (
          <Button size="small" onPress={() => onChange({ events: [event] })}>
            Only of this kind
          </Button>
        )}
      </div>
    </div>
  );
}
