import { useState } from "react";
import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { ComboBox } from "../../ui/combo-box.tsx";

const MemberChoices = graphql(`
  query MemberChoices($slug: String!, $query: String) {
    organization(slug: $slug) {
      id
      members(first: 20, filter: { query: $query }) {
        nodes {
          id
          name
          email
          role {
            id
            isTeamRolesAllowed
          }
          teamMemberships {
            id
            team {
              id
            }
          }
        }
      }
    }
  }
`);

export interface MemberPickerProps {
  label: string;
  description?: string | undefined;
  name?: string;
  /** The team that the member is to come into: who is in it is not offered. */
  teamId: string;
  value: string | null;
  onChange: (memberId: string | null, name: string) => void;
}

/** One member of the organization, found by typing; however many there are, 20 that fit best are shown. */
export function MemberPicker({ teamId, value, onChange, ...field }: MemberPickerProps) {
  const { slug } = useOrganization();
  const [typed, setTyped] = useState("");
  const [{ data, fetching }] = useQuery({
    query: MemberChoices,
    variables: { slug, query: typed.trim() || null },
  });
  const members = (data?.organization?.members.nodes ?? []).filter((member) => member !== null);
  const options = members
    .filter(
      ({ role, teamMemberships }) =>
        role.isTeamRolesAllowed && teamMemberships.every(({ team }) => team.id !== teamId),
    )
    .map(({ id, name, email }) => ({ id, name, ...(email && email !== name && { description: email }) }));

  return (
    <ComboBox
      {...field}
      placeholder="Name or address…"
      isFiltered
      options={options}
      value={value}
      onChange={(chosen) => onChange(chosen, members.find(({ id }) => id === chosen)?.name ?? "")}
      inputValue={typed}
      onInputChange={setTyped}
      nothing={fetching ? "Looking…" : "Nobody who is not in the team yet"}
    />
  );
}
