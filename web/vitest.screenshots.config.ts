import { defineConfig } from "vitest/config";

/** Pictures for the documentation, of what the binary that `ROSTER_BINARY` names serves. */
export default defineConfig({
  test: { include: ["e2e/screenshots.ts"], testTimeout: 300_000 },
});
