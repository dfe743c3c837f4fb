import { defineConfig } from "vitest/config";

/** Tests in a browser, against the binary that `ROSTER_BINARY` names. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // Each has a server and a browser of its own.
    maxWorkers: 2,
  },
});
