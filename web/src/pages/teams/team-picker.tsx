import { useState } from "react";
import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { ComboBox } from "../../ui/combo-box.tsx";

const TeamChoices = graphql(`
  query TeamChoices($slug: String!, $query: String) {
    organization(slug: $slug) {
      id
      teams(first: 50, filter: { query: $query }) {
        nodes {
          id
          name
          slug
        }
      }
    }
  }
`);

export interface TeamPickerProps {
  label: string;
  description?: string;
  name?: string;
  placeholder?: string;
  /** The slug of the team that is chosen. */
  value: string | null;
  onChange: (slug: string | null, name: string) => void;
  /** Slugs of teams that are not offered. */
  without?: readonly string[];
}

/** One team of the organization, found by typing; however many there are, 50 that fit best are shown. */
export function TeamPicker({ value, onChange, without = [], ...field }: TeamPickerProps) {
  const { slug } = useOrganization();
  const [typed, setTyped] = useState<string | null>(null);
  const [{ data, fetching }] = useQuery({ query: TeamChoices, variables: { slug, query: typed } });
  const teams = data?.organization?.teams.nodes ?? [];
  const options = teams
    .filter((team) => !without.includes(team.slug))
    .map((team) => ({ id: team.slug, name: team.name, description: team.slug }));

  function choose(chosen: string | null) {
    onChange(chosen, teams.find((team) => team.slug === chosen)?.name ?? "");
    setTyped(null);
  }

  return (
    <ComboBox
      {...field}
      isFiltered
      options={options}
      value={value}
      onChange={choose}
      inputValue={typed ?? value ?? ""}
      onInputChange={setTyped}
      nothing={fetching ? "Looking…" : "No such team"}
    />
  );
}
