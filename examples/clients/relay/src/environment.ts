// How Relay is set up for Roster: who asks, and by what the store knows an object.
import { Environment, type GraphQLResponse, Network, RecordSource, Store } from "relay-runtime";

export function rosterEnvironment(url: string, token: () => string): Environment {
  return new Environment({
    network: Network.create(async ({ text }, variables) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${token()}`, "content-type": "application/json" },
        body: JSON.stringify({ query: text, variables }),
      });
      const answer: unknown = await response.json();
      if (!isGraphQL(answer)) throw new Error(`${response.status} without an answer of GraphQL`);
      return answer;
    }),
    store: new Store(new RecordSource()),
    getDataID,
  });
}

function isGraphQL(answer: unknown): answer is GraphQLResponse {
  return typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer);
}

/**
 * Global ids are unique. Roles have short ones, for programs: there is an `admin` of organizations and one of teams.
 */
function getDataID({ id }: { readonly id?: unknown }, typename: string) {
  return typename === "OrgRole" || typename === "TeamRole" ? `${typename}:${id}` : id;
}
