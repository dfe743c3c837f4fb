// The schema, and what its own scalars are in TypeScript. All types come from here; no code is generated for documents.
import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./generated/schema.js";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: {
    /** RFC 3339, such as `2026-01-31T12:00:00Z`. */
    DateTime: string;
    JSON: Json;
    Upload: Blob;
    URL: string;
  };
}>();

export { type FragmentOf, readFragment, type ResultOf, type VariablesOf } from "gql.tada";
