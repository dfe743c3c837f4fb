import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useOrganization } from "../../shell/organization.tsx";
import { paths } from "../../shell/paths.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { MemberDrawer } from "./member-drawer.tsx";
import { MemberList } from "./member-list.tsx";
import { type MemberSearch, readSearch, writeSearch } from "./member-search.ts";
import { MemberToolbar } from "./member-toolbar.tsx";

/** Everybody in the organization, and everybody who was invited. The address says who is looked for, and who is open. */
export function Component() {
  const { slug, viewerCanInvite } = useOrganization();
  const [parameters, setParameters] = useSearchParams();
  const [totalCount, setTotalCount] = useState<number>();
  const memberId = parameters.get("member");

  // The list must not change because somebody is opened.
  const searchText = writeSearch(new URLSearchParams(), readSearch(parameters)).toString();
  const search = useMemo(() => readSearch(new URLSearchParams(searchText)), [searchText]);

  const changeSearch = useCallback(
    (changes: Partial<MemberSearch>) =>
      setParameters((present) => writeSearch(present, changes), { replace: true }),
    [setParameters],
  );

  const openMember = useCallback(
    (id: string | null) =>
      setParameters((present) => {
        const next = new URLSearchParams(present);
        if (id === null) next.delete("member");
        else next.set("member", id);
        return next;
      }),
    [setParameters],
  );

  return (
    <>
      <PageHeader
        title="Members"
        count={totalCount}
        actions={
          viewerCanInvite && (
            <LinkButton variant="primary" href={`${paths.organization(slug, "invites")}?new`}>
              Invite people
            </LinkButton>
          )
        }
      />
      <MemberToolbar search={search} onChange={changeSearch} />
      <MemberList search={search} selectedId={memberId} onOpen={openMember} onCount={setTotalCount} />
      <MemberDrawer id={memberId} onClose={() => openMember(null)} />
    </>
  );
}
