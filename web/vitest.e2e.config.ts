import { defineConfig } from "vitest/config";

/** Tests in a browser, against the binary that `ROSTER_BINARY` names. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // Each has a server and a browser of its own.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "stories", include: ["e2e/**/*.test.ts"], exclude: ["e2e/scale.test.ts"] },
      },
      // Alone, because it measures.
      { extends: true, test: { name: "scale", include: ["e2e/scale.test.ts"], sequence: { groupOrder: 1 } } },
    ],
  },
});
