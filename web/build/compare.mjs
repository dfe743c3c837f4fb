// Tells whether two builds are the same, byte for byte: node build/compare.mjs FOLDER FOLDER
// What Brotli makes of a text may differ from one Node to the next, so that of `.br` files the texts are compared.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

const [committed = "", built = ""] = process.argv.slice(2);

function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Set(files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)));
}

function contentOf(folder, name) {
  const content = readFileSync(join(folder, name));
  return name.endsWith(".br") ? brotliDecompressSync(content) : content;
}

const before = filesOf(committed);
const after = filesOf(built);
const differences = [...new Set([...before, ...after])].sort().flatMap((name) => {
  if (!after.has(name)) return `not built:     ${name}`;
  if (!before.has(name)) return `not committed: ${name}`;
  return contentOf(committed, name).equals(contentOf(built, name)) ? [] : `differs:       ${name}`;
});

if (differences.length > 0) {
  const advice = `${committed} is not what the sources build. Run \`npm run build\` in web, and commit what it makes.`;
  process.stderr.write(`${[advice, ...differences].join("\n")}\n`);
  process.exitCode = 1;
}
