import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

const binary = process.env.ROSTER_BINARY ?? "../target/debug/roster";

/** Whom to make a token for; the claims are those that an identity provider would put into it. */
export interface Claims {
  subject: string;
  name?: string;
  email?: string;
  emailVerified?: boolean;
  mfa?: boolean;
  idp?: string;
}

/** A server of one test. */
export interface Roster {
  url: string;
  /** Its database and secrets. */
  folder: string;
  /** A token as the sign-in page gets one. Without more than a subject: somebody of the demo data. */
  token: (claims: Claims) => Promise<string>;
  /** Runs an operation as somebody, and answers its data. Whatever is refused is thrown. */
  run: <Data extends Answer>(token: string, document: string, variables?: object) => Promise<Data>;
  stop: () => Promise<void>;
}

/** What operations answer: a value for each field. */
type Answer = Record<string, object | null>;

export interface RosterOptions {
  /** Settings, as `ROSTER_…` variables. */
  settings?: Readonly<Record<string, string>>;
  /** A folder with a database, instead of an empty one that is filled with demo data. */
  folder?: string;
}

/** Starts a server with demo data, and stops it when the test is over. */
export async function startRoster({ settings = {}, folder }: RosterOptions = {}): Promise<Roster> {
  const home = folder ?? (await temporaryFolder());
  const server = spawn(binary, ["--listen", "127.0.0.1:0", "--data-dir", home, "--demo", "true"], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => stopServer(server);
  onTestFinished(stop);
  const url = await addressOf(server);

  const token = async (claims: Claims) => {
    const { token } = await postJson<{ token: string }>(`${url}/console/development/token`, claims, {
      Origin: url,
    });
    return token;
  };

  const run = async <Data extends Answer>(bearer: string, document: string, variables: object = {}) => {
    const { data, errors } = await postJson<{ data: Data; errors?: object[] }>(
      `${url}/graphql`,
      { query: document, variables },
      { Authorization: `Bearer ${bearer}` },
    );
    const problems = errors ?? Object.values(data).flatMap(refusalsOf);
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    return data;
  };

  return { url, folder: home, token, run, stop };
}

function refusalsOf(payload: object | null): object[] {
  if (!payload || !("userErrors" in payload) || !Array.isArray(payload.userErrors)) return [];
  return payload.userErrors;
}

/** An empty folder that is removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "roster-e2e-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The address that a server prints once it serves. */
async function addressOf({ stdout, stderr }: ChildProcess): Promise<string> {
  if (!stdout || !stderr) throw new Error("The server has no output.");
  let log = "";
  stderr.on("data", (part) => {
    log += String(part);
  });
  for await (const line of createInterface({ input: stdout })) {
    const ready = /(http:\S+)\/health\/ready/.exec(line)?.[1];
    if (ready) {
      // Nobody reads on; a full pipe would hold the server up.
      stdout.resume();
      return ready;
    }
  }
  throw new Error(`The server did not start:\n${log}`);
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  await ended;
}

async function postJson<Body>(address: string, body: object, headers: Record<string, string>): Promise<Body> {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${text}`);
  const answer: Body = JSON.parse(text);
  return answer;
}
