// Runs every audit of graphql-http against a server: `node audit.mjs http://127.0.0.1:8080/graphql`.
// Fails unless all are passed, also those for what a server SHOULD or MAY do.
import { serverAudits } from "graphql-http";

const audits = serverAudits({ url: process.argv[2] });
let failed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status !== "ok") {
    failed += 1;
    console.error(`${audit.id} ${audit.name}: ${result.status}: ${result.reason}`);
  }
}
console.log(`${audits.length - failed} of ${audits.length} audits passed`);
// A package that finds nothing to ask has not asked.
process.exitCode = failed === 0 && audits.length >= 60 ? 0 : 1;
