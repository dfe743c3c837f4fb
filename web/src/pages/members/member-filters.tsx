import { ListFilter, X } from "lucide-react";
import { Dialog, DialogTrigger } from "react-aria-components";
import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Popover } from "../../ui/popover.tsx";
import { Select } from "../../ui/select.tsx";
import { TeamPicker } from "../teams/team-picker.tsx";
import type { MemberSearch } from "./member-search.ts";
import styles from "./members.module.css";

const MemberFilterRoles = graphql(`
  query MemberFilterRoles {
    roles {
      id
      name
      description
    }
  }
`);

export interface MemberFiltersProps {
  search: MemberSearch;
  onChange: (changes: Partial<MemberSearch>) => void;
}

/** What narrows the list down, behind a button; and what of it is in use, each with a cross. */
export function MemberFilters({ search, onChange }: MemberFiltersProps) {
  const { can } = useOrganization();
  const [{ data }] = useQuery({ query: MemberFilterRoles });
  const roles = data?.roles ?? [];
  const count = chipsOf(search, roles).length;

  return (
    <DialogTrigger>
      <Button>
        <ListFilter size={16} aria-hidden="true" />
        Filters
        {count > 0 && <Badge tone="info">{count}</Badge>}
      </Button>
      <Popover placement="bottom end">
        <Dialog aria-label="Filters" className={classNames(styles.filters)}>
          <Select
            label="Role"
            options={[{ id: "", name: "Any" }, ...roles]}
            value={search.role ?? ""}
            onChange={(role) => onChange({ role: role || null })}
          />
          <TeamPicker label="Team" value={search.team} onChange={(team) => onChange({ team })} />
          <Choice
            label="Place"
            yes="Pending"
            no="Joined"
            value={search.isPending}
            onChange={(isPending) => onChange({ isPending })}
          />
          <Choice
            label="Single sign-on"
            yes="Linked"
            no="Not linked"
            value={search.isSsoLinked}
            onChange={(isSsoLinked) => onChange({ isSsoLinked })}
          />
          {can("member:admin") && (
            <Choice
              label="Second factor"
              yes="In use"
              no="Not in use"
              value={search.hasTwoFactor}
              onChange={(hasTwoFactor) => onChange({ hasTwoFactor })}
            />
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

interface ChoiceProps {
  label: string;
  yes: string;
  no: string;
  value: boolean | null;
  onChange: (value: boolean | null) => void;
}

function Choice({ label, yes, no, value, onChange }: ChoiceProps) {
  const id = value === null ? "any" : value ? "yes" : "no";
  return (
    <Select
      label={label}
      options={[
        { id: "any", name: "Any" },
        { id: "yes", name: yes },
        { id: "no", name: no },
      ]}
      value={id}
      onChange={(chosen) => onChange(chosen === "any" ? null : chosen === "yes")}
    />
  );
}

/** The filters in use. A press takes one away. */
export function FilterChips({ search, onChange }: MemberFiltersProps) {
  const [{ data }] = useQuery({ query: MemberFilterRoles });
  const chips = chipsOf(search, data?.roles ?? []);
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
  without: Partial<MemberSearch>;
}

function chipsOf(search: MemberSearch, roles: readonly { id: string; name: string }[]): Chip[] {
  const { role, team, isPending, isSsoLinked, hasTwoFactor } = search;
  const roleName = roles.find(({ id }) => id === role)?.name ?? role;
  return [
    role !== null && { text: `Role: ${roleName}`, without: { role: null } },
    team !== null && { text: `Team: ${team}`, without: { team: null } },
    isPending !== null && { text: isPending ? "Pending" : "Joined", without: { isPending: null } },
    isSsoLinked !== null && {
      text: isSsoLinked ? "Single sign-on linked" : "Single sign-on not linked",
      without: { isSsoLinked: null },
    },
    hasTwoFactor !== null && {
      text: hasTwoFactor ? "With a second factor" : "Without a second factor",
      without: { hasTwoFactor: null },
    },
  ].filter((chip) => chip !== false);
}
