import { useEffect, useState } from "react";
import { SearchField } from "../../ui/search-field.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import styles from "./teams.module.css";

const pauseOfTyping = 250;

export interface TeamToolbarProps {
  query: string;
  isMine: boolean;
  onQuery: (query: string) => void;
  onMine: (isMine: boolean) => void;
}

/** Which teams are looked for. */
export function TeamToolbar({ query, isMine, onQuery, onMine }: TeamToolbarProps) {
  const [typed, setTyped] = useState(query);

  useEffect(() => {
    if (typed.trim() === query) return;
    const timer = setTimeout(() => onQuery(typed.trim()), pauseOfTyping);
    return () => clearTimeout(timer);
  }, [typed, query, onQuery]);

  return (
    <div className={styles.toolbar}>
      <SearchField label="Search teams" placeholder="Find a team…" value={typed} onChange={setTyped} />
      <Segmented
        label="Which teams"
        options={[
          { id: "all", name: "All" },
          { id: "mine", name: "Mine" },
        ]}
        value={isMine ? "mine" : "all"}
        onChange={(chosen) => onMine(chosen === "mine")}
      />
    </div>
  );
}
