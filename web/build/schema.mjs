// Writes the schema as the cache reads it: which types there are, what their fields are, and nothing else.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { minifyIntrospectionQuery } from "@urql/introspection";
import { buildSchema, introspectionFromSchema } from "graphql";

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const minified = minifyIntrospectionQuery(introspectionFromSchema(schema, { descriptions: false }));

const folder = new URL("../src/gql/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("introspection.ts", folder),
  `import type { CacheExchangeOpts } from "@urql/exchange-graphcache";
export const introspection: NonNullable<CacheExchangeOpts["schema"]> = ${JSON.stringify(minified)};
`,
);
