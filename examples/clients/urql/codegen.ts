import type { CodegenConfig } from "@graphql-codegen/cli";

export default {
  schema: "../../../schema.graphql",
  documents: "src/**/*.ts",
  importExtension: ".js",
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "readFragment" } },
      config: {
        scalars: { DateTime: "string", JSON: "unknown", Upload: "Blob", URL: "string" },
        strictScalars: true,
        enumsAsTypes: true,
        // Null is an answer: fields are there.
        avoidOptionals: { field: true },
        useTypeImports: true,
      },
    },
  },
} satisfies CodegenConfig;
