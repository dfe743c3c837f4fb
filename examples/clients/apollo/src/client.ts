// How Apollo Client is set up for Roster: over which wires, and what the cache must know.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

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
        Organization: {
          fields: {
            // One list for each filter and order, whatever page was asked for.
            members: relayStylePagination(["filter", "orderBy"]),
          },
        },
      },
    }),
  });
}
