import { useState } from "react";
import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { ComboBox } from "../../ui/combo-box.tsx";

const Actors = graphql(`
  query Actors($slug: String!, $query: String) {
    organization(slug: $slug) {
      id
      members(first: 30, filter: { query: $query, isPending: false }) {
        nodes {
          id
          name
          email
          user {
            id
          }
        }
      }
    }
  }
`);

const ActorName = graphql(`
  query ActorName($id: ID!) {
    node(id: $id) {
      id
      ... on User {
        name
      }
    }
  }
`);

/** The name of a person by their id; null while it is not known. */
export function useActorName(id: string | null): string | null {
  const [{ data }] = useQuery({ query: ActorName, variables: { id: id ?? "" }, pause: id === null });
  const node = id === null ? null : data?.node;
  return node && "name" in node && typeof node.name === "string" ? node.name : null;
}

export interface ActorPickerProps {
  /** Global id of the person who is chosen. */
  value: string | null;
  onChange: (id: string | null) => void;
}

/** One person of the organization, found by typing. */
export function ActorPicker({ value, onChange }: ActorPickerProps) {
  const { slug } = useOrganization();
  const [typed, setTyped] = useState<string | null>(null);
  const name = useActorName(value);
  const [{ data, fetching }] = useQuery({ query: Actors, variables: { slug, query: typed || null } });
  const options = (data?.organization?.members.nodes ?? []).flatMap((member) =>
    member?.user ? [{ id: member.user.id, name: member.name, description: member.email ?? "" }] : [],
  );

  return (
    <ComboBox
      label="Who did it"
      placeholder="Anybody"
      isFiltered
      options={options}
      value={value}
      onChange={(chosen) => {
        onChange(chosen);
        setTyped(null);
      }}
      inputValue={typed ?? name ?? ""}
      onInputChange={setTyped}
      nothing={fetching ? "Looking…" : "Nobody found"}
    />
  );
}
