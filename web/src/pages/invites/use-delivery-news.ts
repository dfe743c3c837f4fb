import { useEffect } from "react";
import { useClient } from "urql";
import type { InviteRowFragment } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";

const DeliveryNews = graphql(`
  query DeliveryNews($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on Invite {
        delivery {
          attempts
          lastError
          lastSentAt
          status
        }
      }
    }
  }
`);

/** The most ids that the API takes at once. */
const idsMax = 100;
const pauses = [2, 4, 8, 16, 30].map((seconds) => seconds * 1000);

/** Looks after mails that are on their way, less and less often: no event tells that one has been sent. */
export function useDeliveryNews(invites: readonly InviteRowFragment[]): void {
  const client = useClient();
  const queued = invites.filter(({ delivery }) => delivery.status === "QUEUED").map(({ id }) => id);
  const ids = queued.slice(0, idsMax).join();

  useEffect(() => {
    if (ids === "") return;
    let asked = 0;
    let timer = setTimeout(ask, pauses[0]);

    async function ask() {
      asked += 1;
      timer = setTimeout(ask, pauses[Math.min(asked, pauses.length - 1)]);
      await client
        .query(DeliveryNews, { ids: ids.split(",") }, { requestPolicy: "network-only" })
        .toPromise();
    }

    return () => clearTimeout(timer);
  }, [client, ids]);
}
