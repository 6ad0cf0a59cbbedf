// Runs the tests of the pages: `unit` for what is decided without a browser, `browser` for what a person sees, with a real node.
// Each is bundled as the pages themselves are, and given to Node's own test runner.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const kind = process.argv[2] === "browser" ? "browser" : "unit";
const BROWSER_NODE_MIN = 20;

const major = Number(process.versions.node.split(".")[0]);
if (kind === "browser" && major < BROWSER_NODE_MIN && process.env.CI !== "true") {
  console.log(`LEFT OUT: tests in a browser want Node ${BROWSER_NODE_MIN}, and this is ${process.version}`);
  process.exit(0);
}

const built = join(here, "..", "node_modules", `.tests-${kind}`);
rmSync(built, { recursive: true, force: true });
const entryPoints = readdirSync(join(here, kind))
  .filter((file) => file.endsWith(".test.ts") && (process.argv[3] === undefined || file.includes(process.argv[3])))
  .map((file) => join(here, kind, file));
await build({
  entryPoints,
  outdir: built,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node18",
  jsx: "automatic",
  jsxImportSource: "preact",
  sourcemap: "inline",
  packages: "external",
  define: { LANGUAGES: "{}", PAGES: JSON.stringify(join(here, "..")) },
  logLevel: "warning",
});
const files = readdirSync(built).map((file) => join(built, file));
const one = kind === "browser" && major >= 20 ? ["--test-concurrency=1"] : [];
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...one, ...files], { stdio: "inherit" });
process.exit(status ?? 1);
