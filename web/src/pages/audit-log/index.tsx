import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { PageHeader } from "../../ui/page-header.tsx";
import { EntryFilters, FilterChips } from "./entry-filters.tsx";
import { EntryList } from "./entry-list.tsx";
import { type EntrySearch, readSearch, writeSearch } from "./entry-search.ts";

/** Who did what in the organization. The address says what is looked for. */
export function Component() {
  const [parameters, setParameters] = useSearchParams();
  const [totalCount, setTotalCount] = useState<number>();
  const text = writeSearch(new URLSearchParams(), readSearch(parameters)).toString();
  const search = useMemo(() => readSearch(new URLSearchParams(text)), [text]);

  const changeSearch = useCallback(
    (changes: Partial<EntrySearch>) =>
      setParameters((present) => writeSearch(present, changes), { replace: true }),
    [setParameters],
  );

  return (
    <>
      <PageHeader
        title="Audit log"
        count={totalCount}
        lead="Who did what here, newest first."
        actions={<EntryFilters search={search} onChange={changeSearch} />}
      />
      <FilterChips search={search} onChange={changeSearch} />
      <EntryList search={search} onChange={changeSearch} onCount={setTotalCount} />
    </>
  );
}
