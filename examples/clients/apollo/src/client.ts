// How Apollo Client is set up for Roster: over which wires, and what the cache must know.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

/** Pages that were read become one list; another one for each value of these arguments. */
const pages = relayStylePagination;

export interface Connection {
  url: string;
  /** Called for each request, and for each WebSocket that is opened. */
  token: () => string;
  /** Only where there is no global one. */
  webSocketImpl?: unknown;
}

export function rosterClient({ url, token, ...socket }: Connection): ApolloClient {
  const authorization = () => `Bearer ${token()}`;
  const http = new SetContextLink(() => ({ headers: { authorization: authorization() } })).concat(
    new HttpLink({ uri: url }),
  );
  const webSocket = new GraphQLWsLink(
    createClient({
      ...socket,
      url: url.replace(/^http/, "ws"),
      connectionParams: () => ({ authorization: authorization() }),
    }),
  );
  return new ApolloClient({
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, webSocket, http),
    cache: new InMemoryCache({
      typePolicies: {
        // An object without an id belongs to the one that it was read from: queries add to each other's fields.
        Avatar: { merge: true },
        InviteDelivery: { merge: true },
        MemberFlags: { merge: true },
        OrganizationCounters: { merge: true },
        OrganizationOptions: { merge: true },
        ServiceInfo: { merge: true },
        Viewer: { merge: true, fields: { invites: pages(), memberships: pages() } },

        Organization: {
          fields: {
            apiTokens: pages(),
            auditLog: pages(["filter"]),
            invites: pages(["filter"]),
            members: pages(["filter", "orderBy"]),
            teamAccessRequests: pages(),
            teams: pages(["filter"]),
            webhooks: pages(),
          },
        },
        Query: { fields: { organizations: pages(["filter"]) } },
        Team: { fields: { memberships: pages() } },
        Webhook: { fields: { deliveries: pages(["status"]) } },
      },
    }),
  });
}
