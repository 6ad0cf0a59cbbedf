// Runs the tests of the pages: `unit` for what is decided without a browser, `browser` for what a person sees, with a real node.
// Each is bundled as the pages themselves are, and given to Node's own test runner.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const kind = process.argv[2] === "browser" ? "browser" : "unit";
const BROWSER_NODE_MIN = 20;

const major = Number(process.versions.node.split(".")[0]);
if (kind === "browser") {
  if (major < BROWSER_NODE_MIN) {
    leftOut(`they want Node ${BROWSER_NODE_MIN}, and this is ${process.version}`);
  }
  if (!process.env.CHROMIUM && !["/usr/bin/chromium", "/usr/bin/chromium-browser"].some(existsSync)) {
    leftOut("there is no Chromium");
  }
}

// Elsewhere than where every change is judged, what cannot be had is a reason to leave them out, and to say so.
function leftOut(why) {
  console.error(`LEFT OUT: the pages are not tested in a browser: ${why}`);
  process.exit(process.env.CI ? 1 : 0);
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
