import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../schema.graphql",
  documents: ["src/**/*.{ts,tsx,graphql}", "!src/gql/**", "!src/**/*.test.*"],
  silent: true,
  generates: {
    "src/gql/": {
      preset: "client",
      // Reading a fragment is no hook: it may stand in loops and conditions.
      presetConfig: { fragmentMasking: { unmaskFunctionName: "getFragmentData" } },
      config: {
        useTypeImports: true,
        skipTypename: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { DateTime: "string", JSON: "unknown", URL: "string", Upload: "Blob" },
      },
    },
  },
};

export default config;
