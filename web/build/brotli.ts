import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

const text = new Set([".css", ".html", ".js", ".json", ".svg", ".txt"]);
const worthwhile = 1024;

/** Writes a `.br` beside each text of the build, as small as Brotli can make it. The server sends whichever suits. */
export function brotli(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "brotli",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    // After everything was written, also by plugins that write for themselves.
    closeBundle: {
      order: "post",
      sequential: true,
      handler() {
        const folder = join(config.root, config.build.outDir);
        for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
          if (!text.has(extname(name))) continue;
          const raw = readFileSync(join(folder, name));
          if (raw.length <= worthwhile) continue;
          const options = {
            params: {
              [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
              [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
              [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
            },
          };
          writeFileSync(join(folder, `${name}.br`), brotliCompressSync(raw, options));
        }
      },
    },
  };
}
