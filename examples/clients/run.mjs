// Installs, generates, compiles and runs every program here against a server with demo data:
// `node run.mjs http://127.0.0.1:8080/graphql TOKEN GUEST_TOKEN`, with the tokens of an owner of `acme` and of a stranger.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const [url, token, guestToken] = process.argv.slice(2);
if (!guestToken) throw new Error("Usage: node run.mjs URL TOKEN GUEST_TOKEN");
const env = { ...process.env, ROSTER_URL: url, ROSTER_TOKEN: token, ROSTER_GUEST_TOKEN: guestToken };

/** Runs npm in the folder of a program. */
async function npm(program, ...parameters) {
  const began = performance.now();
  const cwd = new URL(program, import.meta.url);
  await promisify(execFile)("npm", parameters, { cwd, env, timeout: 300_000 });
  console.log(`${program}: npm ${parameters.join(" ")} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

async function prepare(program) {
  await npm(program, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
  await npm(program, "run", "generate");
  await npm(program, "run", "build");
}

const programs = ["urql", "apollo", "relay", "gql-tada"];
const prepared = await Promise.allSettled(programs.map(prepare));
let failures = 0;
// One after the other: they act on the same organization.
for (const [index, program] of programs.entries()) {
  try {
    if (prepared[index].status === "rejected") throw prepared[index].reason;
    await npm(program, "start");
  } catch ({ message, stdout, stderr }) {
    failures += 1;
    console.error(`${program}: ${message}\n${stdout}${stderr}`);
  }
}
console.log(`${programs.length - failures} of ${programs.length} clients did what they should.`);
process.exitCode = failures;
