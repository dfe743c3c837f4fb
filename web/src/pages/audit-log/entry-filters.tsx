import { ListFilter, X } from "lucide-react";
import { Dialog, DialogTrigger } from "react-aria-components";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { CheckboxGroup } from "../../ui/checkbox-group.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Popover } from "../../ui/popover.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { ActorPicker, useActorName } from "./actor-picker.tsx";
import styles from "./audit-log.module.css";
import type { EntrySearch } from "./entry-search.ts";
import { eventAreas, eventName } from "./event-kinds.ts";

export interface EntryFiltersProps {
  search: EntrySearch;
  onChange: (changes: Partial<EntrySearch>) => void;
}

/** What narrows the log down, behind a button. */
export function EntryFilters({ search, onChange }: EntryFiltersProps) {
  const { events, actor, from, to } = search;
  const count = chipsOf(search, null).length;

  function chooseEvents(area: readonly string[], chosen: readonly string[]) {
    onChange({ events: [...events.filter((event) => !area.includes(event)), ...chosen] });
  }

  return (
    <DialogTrigger>
      <Button>
        <ListFilter size={16} aria-hidden="true" />
        Filters
        {count > 0 && <Badge tone="info">{count}</Badge>}
      </Button>
      <Popover placement="bottom end">
        <Dialog aria-label="Filters" className={classNames(styles.filters)}>
          <ActorPicker value={actor} onChange={(id) => onChange({ actor: id })} />
          <div className={styles.days}>
            <TextField
              label="From"
              type="date"
              value={from ?? ""}
              onChange={(day) => onChange({ from: day || null })}
            />
            <TextField
              label="To"
              type="date"
              value={to ?? ""}
              onChange={(day) => onChange({ to: day || null })}
            />
          </div>
          <div className={styles.kinds}>
            {eventAreas.map(({ id, name, kinds }) => {
              const area = kinds.map((kind) => kind.id);
              return (
                <CheckboxGroup
                  key={id}
                  label={name}
                  options={kinds}
                  value={events.filter((event) => area.includes(event))}
                  onChange={(chosen) => chooseEvents(area, chosen)}
                />
              );
            })}
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** The filters in use. A press takes one away. */
export function FilterChips({ search, onChange }: EntryFiltersProps) {
  const chips = chipsOf(search, useActorName(search.actor));
  if (chips.length === 0) return null;
  return (
    <div className={styles.chips}>
      {chips.map(({ text, without }) => (
        <Button key={text} size="small" aria-label={`Without: ${text}`} onPress={() => onChange(without)}>
          {text}
          <X size={14} aria-hidden="true" />
        </Button>
      ))}
    </div>
  );
}

interface Chip {
  text: string;
  without: Partial<EntrySearch>;
}

function chipsOf({ events, actor, from, to }: EntrySearch, actorName: string | null): Chip[] {
  return [
    actor !== null && { text: `By ${actorName ?? "somebody"}`, without: { actor: null } },
    from !== null && { text: `From ${inWords(from)}`, without: { from: null } },
    to !== null && { text: `To ${inWords(to)}`, without: { to: null } },
    ...events.map((event) => ({
      text: eventName(event),
      without: { events: events.filter((other) => other !== event) },
    })),
  ].filter((chip) => chip !== false);
}

function inWords(day: string): string {
  return new Date(`${day}T00:00`).toLocaleDateString("en", { dateStyle: "medium" });
}
