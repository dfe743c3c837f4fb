import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { isReordered, type RelayDraft } from "./option-spec.ts";
import styles from "./settings.module.css";

export interface RelaysFieldProps {
  label: string;
  description: ReactNode;
  /** The name of the list in the input; its errors lead to rows and fields: `trustedRelays.2.publicKey`. */
  name: string;
  relays: readonly RelayDraft[];
  /** The relays as they are saved. */
  present: readonly RelayDraft[];
  onChange: (relays: readonly RelayDraft[]) => void;
}

/** The list of relays, edited in place. */
export function RelaysField({ label, description, name, relays, present, onChange }: RelaysFieldProps) {
  const [added, setAdded] = useState<number | null>(null);

  function change(id: number, changes: Partial<RelayDraft>) {
    onChange(relays.map((relay) => (relay.id === id ? { ...relay, ...changes } : relay)));
  }

  function add() {
    const id = Math.max(-1, ...relays.map((relay) => relay.id)) + 1;
    setAdded(id);
    onChange([...relays, { id, name: "", publicKey: "", description: "" }]);
  }

  function move(index: number, by: -1 | 1) {
    const moved = relays[index];
    if (moved) onChange(relays.toSpliced(index, 1).toSpliced(index + by, 0, moved));
  }

  return (
    <fieldset className={styles.relays}>
      <legend className={styles.factName}>{label}</legend>
      <p className={styles.muted}>{description}</p>
      {relays.length === 0 && <p className={styles.none}>No relay is trusted yet.</p>}
      <ol className={styles.relayList}>
        {relays.map((relay, index) => (
          <RelayRow
            key={relay.id}
            field={`${name}.${index}`}
            relay={relay}
            position={index + 1}
            count={relays.length}
            isNew={relay.id === added}
            isDuplicate={relays.some(
              ({ id, publicKey }) => id !== relay.id && publicKey !== "" && publicKey === relay.publicKey,
            )}
            onChange={(changes) => change(relay.id, changes)}
            onMove={(by) => move(index, by)}
            onRemove={() => onChange(relays.filter(({ id }) => id !== relay.id))}
          />
        ))}
      </ol>
      {isReordered(relays, present) && (
        <p className={styles.muted}>
          A new order is saved together with another change to the list, and not for itself.
        </p>
      )}
      <div>
        <Button onPress={add}>
          <Plus size={16} aria-hidden="true" />
          Add a relay
        </Button>
      </div>
    </fieldset>
  );
}

interface RelayRowProps {
  field: string;
  relay: RelayDraft;
  position: number;
  count: number;
  isNew: boolean;
  isDuplicate: boolean;
  onChange: (changes: Partial<RelayDraft>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function RelayRow({
  field,
  relay,
  position,
  count,
  isNew,
  isDuplicate,
  onChange,
  onMove,
  onRemove,
}: RelayRowProps) {
  const title = relay.name || `Relay ${position}`;
  const row = useRef<HTMLLIElement>(null);
  const moved = useRef<"up" | "down" | null>(null);

  // The browser takes the focus from what is moved on the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each move
  useEffect(() => {
    const other = moved.current === "up" ? "down" : "up";
    const button = (way: string) =>
      row.current?.querySelector<HTMLElement>(`[data-way=${way}]:not(:disabled)`);
    if (moved.current) (button(moved.current) ?? button(other))?.focus();
    moved.current = null;
  }, [position]);

  function move(way: "up" | "down") {
    moved.current = way;
    onMove(way === "up" ? -1 : 1);
  }

  return (
    <li ref={row} className={styles.relay} aria-label={title}>
      <div className={styles.relayFields}>
        <TextField
          label="Name"
          name={`${field}.name`}
          value={relay.name}
          onChange={(name) => onChange({ name })}
          isRequired
          maxLength={200}
          autoFocus={isNew}
          autoComplete="off"
        />
        <TextField
          label="Public key"
          name={`${field}.publicKey`}
          value={relay.publicKey}
          onChange={(publicKey) => onChange({ publicKey: publicKey.trim() })}
          placeholder="43 letters, digits, dashes and underscores"
          isRequired
          isMonospaced
          autoComplete="off"
        />
        {isDuplicate && (
          <p className={styles.taken} role="status">
            Another relay in this list has the same key.
          </p>
        )}
        <TextField
          label="Description"
          name={`${field}.description`}
          value={relay.description}
          onChange={(description) => onChange({ description })}
          maxLength={2000}
          autoComplete="off"
        />
      </div>
      <div className={styles.relayActions}>
        <IconButton
          label={`Move ${title} up`}
          size="small"
          isDisabled={position === 1}
          data-way="up"
          onPress={() => move("up")}
        >
          <ArrowUp size={16} aria-hidden="true" />
        </IconButton>
        <IconButton
          label={`Move ${title} down`}
          size="small"
          isDisabled={position === count}
          data-way="down"
          onPress={() => move("down")}
        >
          <ArrowDown size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label={`Remove ${title}`} size="small" onPress={onRemove}>
          <Trash2 size={16} aria-hidden="true" />
        </IconButton>
      </div>
    </li>
  );
}
