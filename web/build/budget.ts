import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, ResolvedConfig, Rolldown } from "vite";

/** Bytes that whoever opens a page for the first time may have to wait for. */
const budgetOfFirstLoad = 250_000;
/** How many files that may be: each is a request, and where connections are slow they wait for one another. */
const filesOfFirstLoad = 20;
/** Bytes of the headers of an answer, which are sent along with each file. */
const headers = 300;

/** What every page of an organization needs besides itself; the socket comes a moment later, and is counted all the same. */
const frame = [
  "/src/main.tsx",
  "/src/shell/frame.tsx",
  "/src/shell/organization.tsx",
  "/graphql-ws/dist/index.js",
];
const ways: readonly (readonly string[])[] = [
  ["/src/main.tsx", "/src/pages/sign-in/index.tsx"],
  ["/src/main.tsx", "/src/pages/accept/index.tsx"],
  ...["members", "invites", "teams", "settings", "audit-log", "api-tokens", "sso", "webhooks", "account"].map(
    (page) => [...frame, `/src/pages/${page}/index.tsx`],
  ),
];

/**
 * Tells how much each page loads at first, as it is sent, and fails the build if it is too much, or if files need each
 * other.
 */
export function budget(): Plugin {
  let config: ResolvedConfig;
  let chunks: Rolldown.OutputChunk[] = [];
  return {
    name: "budget",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    generateBundle(_, bundle) {
      chunks = Object.values(bundle).filter((output) => output.type === "chunk");
    },
    // After everything was compressed.
    closeBundle: {
      order: "post",
      sequential: true,
      handler() {
        const folder = join(config.root, config.build.outDir);
        for (const chunk of chunks) {
          const files = new Set<string>();
          for (const name of chunk.imports) addFilesOf(chunkNamed(name), files);
          // Which of them runs first would depend on which arrives first.
          if (files.has(chunk.fileName)) this.error(`${chunk.fileName} needs a file that needs it.`);
        }
        for (const modules of ways) {
          const files = new Set(["index.html", ...filesOfPage(join(folder, "index.html"))]);
          for (const module of modules) addFilesOf(chunkOf(module), files);
          const size = [...files].reduce((sum, name) => sum + sentSize(join(folder, name)) + headers, 0);
          const page = modules.at(-1)?.split("/").at(-2);
          config.logger.info(`first load of ${page}: ${(size / 1000).toFixed(1)} kB in ${files.size} files`);
          if (size > budgetOfFirstLoad)
            this.error(`The first load of ${page} is over ${budgetOfFirstLoad} bytes.`);
          if (files.size > filesOfFirstLoad)
            this.error(`The first load of ${page} is more than ${filesOfFirstLoad} files.`);
        }
      },
    },
  };

  function chunkOf(module: string): Rolldown.OutputChunk {
    const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(module)));
    if (!chunk) throw new Error(`${module} is in no file of the build.`);
    return chunk;
  }

  /** Adds a file and whatever it cannot run without. */
  function addFilesOf(chunk: Rolldown.OutputChunk, files: Set<string>): void {
    if (files.has(chunk.fileName)) return;
    files.add(chunk.fileName);
    for (const name of chunk.imports) addFilesOf(chunkNamed(name), files);
  }

  function chunkNamed(name: string): Rolldown.OutputChunk {
    const chunk = chunks.find(({ fileName }) => fileName === name);
    if (!chunk) throw new Error(`${name} is no file of the build.`);
    return chunk;
  }
}

/** What the page itself asks for: its icon, its styles and the file that begins. */
function filesOfPage(path: string): string[] {
  const page = readFileSync(path, "utf8");
  return [...page.matchAll(/(?:href|src)="\/console\/([^"]+)"/g)].flatMap(([, name]) => name ?? []);
}

/** Bytes of a file as the server sends it. */
function sentSize(path: string): number {
  return statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
}
