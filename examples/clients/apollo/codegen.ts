import type { CodegenConfig } from "@graphql-codegen/cli";

export default {
  schema: "../../../schema.graphql",
  documents: "src/**/*.graphql",
  generates: {
    "src/generated/graphql.ts": {
      plugins: ["typescript", "typescript-operations", "typed-document-node"],
      config: {
        scalars: { DateTime: "string", JSON: "unknown", Upload: "Blob", URL: "string" },
        strictScalars: true,
        enumsAsTypes: true,
        // Null is an answer: fields are there.
        avoidOptionals: { field: true },
        onlyOperationTypes: true,
        // What Apollo Client answers: names of types inside, none at the root.
        nonOptionalTypename: true,
        skipTypeNameForRoot: true,
        useTypeImports: true,
      },
    },
  },
} satisfies CodegenConfig;
