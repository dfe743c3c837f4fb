import { useCallback } from "react";
import { useConnection } from "../../api/connection.ts";
import type { InviteFilter, InvitesQuery } from "../../gql/graphql.ts";
import { getFragmentData } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { InviteRow } from "./invite-row.ts";
import { Invites } from "./invites-query.ts";

const partSize = 50;

const invitesOf = (data: InvitesQuery) => data.organization?.invites;

/** Invites or requests, part by part. The filter stays the same object as long as the list does. */
export function useInvites(filter: InviteFilter) {
  const { slug } = useOrganization();
  const variables = useCallback(
    (after: string | null) => ({ slug, first: partSize, after, filter }),
    [slug, filter],
  );
  const list = useConnection({ query: Invites, variables, connection: invitesOf });
  return { ...list, rows: getFragmentData(InviteRow, list.rows) };
}
