import { X } from "lucide-react";
import { Button, Tag, TagGroup, TagList } from "react-aria-components";
import styles from "./chips.module.css";
import { classNames } from "./class-names.ts";

/** One of several things that were picked. */
export interface Chip {
  id: string;
  name: string;
  /** What is wrong with it. */
  problem?: string | undefined;
}

export interface ChipsProps {
  label: string;
  chips: readonly Chip[];
  onRemove: (id: string) => void;
}

/** Things that were picked, each with a cross. Arrow keys go through them, Delete and Backspace take one away. */
export function Chips({ label, chips, onRemove }: ChipsProps) {
  if (chips.length === 0) return null;
  return (
    <TagGroup
      aria-label={label}
      className={classNames(styles.group)}
      onRemove={(keys) => {
        for (const key of keys) onRemove(String(key));
      }}
    >
      <TagList items={chips} className={classNames(styles.list)}>
        {({ name, problem }) => (
          <Tag textValue={name} className={classNames(styles.chip, problem !== undefined && styles.wrong)}>
            <span className={styles.name} title={problem}>
              {name}
              {problem !== undefined && <span className={styles.hidden}> ({problem})</span>}
            </span>
            <Button slot="remove" className={classNames(styles.remove)}>
              <X size={14} aria-hidden="true" />
            </Button>
          </Tag>
        )}
      </TagList>
    </TagGroup>
  );
}
