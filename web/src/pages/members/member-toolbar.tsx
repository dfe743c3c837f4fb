import { useEffect, useState } from "react";
import { SearchField } from "../../ui/search-field.tsx";
import { Select } from "../../ui/select.tsx";
import { FilterChips, MemberFilters, type MemberFiltersProps } from "./member-filters.tsx";
import { orders } from "./member-search.ts";
import styles from "./members.module.css";
import { SearchHint } from "./search-hint.tsx";

const pauseOfTyping = 250;

/** Search, filters and order of the list. */
export function MemberToolbar({ search, onChange }: MemberFiltersProps) {
  const [typed, setTyped] = useState(search.query);

  useEffect(() => {
    if (typed === search.query) return;
    const timer = setTimeout(() => onChange({ query: typed }), pauseOfTyping);
    return () => clearTimeout(timer);
  }, [typed, search.query, onChange]);

  return (
    <>
      <div className={styles.toolbar}>
        <div className={styles.search}>
          <SearchField
            label="Search members"
            placeholder="Name, address, role:manager…"
            value={typed}
            onChange={setTyped}
          />
          <SearchHint />
        </div>
        <MemberFilters search={search} onChange={onChange} />
        <div className={styles.order}>
          <Select
            label="Order"
            isLabelHidden
            options={orders}
            value={search.order}
            onChange={(order) => onChange({ order })}
          />
        </div>
      </div>
      <FilterChips search={search} onChange={onChange} />
    </>
  );
}
