import { useEffect, useState } from "react";
import { SearchField } from "../../ui/search-field.tsx";
import { Select } from "../../ui/select.tsx";
import type { InviteSearch } from "./invite-search.ts";
import styles from "./invites.module.css";

const pauseOfTyping = 250;

const statuses = [
  { id: "ANY", name: "All open" },
  { id: "PENDING", name: "Good" },
  { id: "EXPIRED", name: "Expired" },
] as const;

export interface InviteToolbarProps {
  search: InviteSearch;
  onChange: (changes: Partial<InviteSearch>) => void;
}

/** Search and filter of the invites. */
export function InviteToolbar({ search, onChange }: InviteToolbarProps) {
  const [typed, setTyped] = useState(search.query);

  useEffect(() => {
    if (typed === search.query) return;
    const timer = setTimeout(() => onChange({ query: typed }), pauseOfTyping);
    return () => clearTimeout(timer);
  }, [typed, search.query, onChange]);

  return (
    <div className={styles.toolbar}>
      <div className={styles.search}>
        <SearchField
          label="Search invites"
          placeholder="Part of an address…"
          value={typed}
          onChange={setTyped}
        />
      </div>
      <div className={styles.status}>
        <Select
          label="Status"
          isLabelHidden
          options={statuses}
          value={search.status === "EXPIRED" || search.status === "PENDING" ? search.status : "ANY"}
          onChange={(status) => onChange({ status: status === "ANY" ? null : status })}
        />
      </div>
    </div>
  );
}
