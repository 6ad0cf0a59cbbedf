// Builds the pages into dist/: files whose names carry a hash of their content, what they are when compressed beside them, and a
// table of them all, from which the node makes a part of itself.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

/** What a first visit may cost: the shop's script, compressed by gzip. */
const SHOP_BYTES_MAX = 25_000;
const SCRIPT = "text/javascript; charset=utf-8";

const settings = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: ["es2022", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  external: ["/assets/*"],
  logLevel: "warning",
};

const assets = [];
const written = new Set();

mkdirSync(dist, { recursive: true });

// The seat map, the calendar, credits and codes, and what is one's own are files of their own, which the shop asks for where a slot has or
// needs them, and where somebody signs in or looks at their bookings: so their names are known before the shop is built.
const later = { plugins: [{ name: "shared", setup: takeShared }] };
const seats = keep("seats.js", SCRIPT, await bundle("src/map/house.tsx", later));
const week = keep("week.js", SCRIPT, await bundle("src/calendar/calendar.tsx", later));
const ticket = keep("ticket.js", SCRIPT, await bundle("src/ticket/own.tsx", later));
const money = keep("money.js", SCRIPT, await bundle("src/money/money.tsx", later));
const german = keep("de.js", SCRIPT, await bundle("src/words/de.ts"));
const define = {
  SEATS_URL: addressOf(seats),
  WEEK_URL: addressOf(week),
  TICKET_URL: addressOf(ticket),
  MONEY_URL: addressOf(money),
  LANGUAGES: `{"de":${addressOf(german)}}`,
};
const shop = keep("shop.js", SCRIPT, await bundle("src/shop.tsx", { define }));
keep("shop.css", "text/css; charset=utf-8", await bundle("styles/shop.css"));
write("table.json", `${JSON.stringify({ assets: assets.map(({ gzipped: _, ...row }) => row) }, null, 2)}\n`);
for (const file of readdirSync(dist).filter((found) => !written.has(found))) {
  rmSync(join(dist, file));
}

if (shop.gzipped > SHOP_BYTES_MAX) {
  console.error(`shop.js is ${shop.gzipped} bytes compressed: more than ${SHOP_BYTES_MAX}`);
  process.exit(1);
}
for (const { file, gzipped } of assets) {
  console.log(`${file}  ${gzipped} bytes compressed`);
}

/** What the shop has already is taken from it: `src/shared.ts` lists it. Of what is listed in part, only that part can be taken. */
function takeShared(seen) {
  const source = join(here, "src");
  const listed = readFileSync(join(source, "shared.ts"), "utf8").matchAll(/^ {2}"(.+)": (?:\{ (.+) \}|\w+),$/gm);
  const names = new Map([...listed].map(([, name, part]) => [name, part]));
  seen.onResolve({ filter: /./ }, ({ path, resolveDir }) => {
    const name = path.startsWith(".") ? relative(source, join(resolveDir, path)).replaceAll("\\", "/") : path;
    return names.has(name) ? { path: name, namespace: "shared" } : undefined;
  });
  seen.onLoad({ filter: /./, namespace: "shared" }, ({ path }) => {
    const [from, part] = [`globalThis.boxoffice[${JSON.stringify(path)}]`, names.get(path)];
    return { contents: part ? `export const { ${part} } = ${from};` : `module.exports = ${from}` };
  });
}

/** Where the node serves it, as an expression. */
function addressOf({ file }) {
  return JSON.stringify(`/assets/${file}`);
}

async function bundle(entry, more = {}) {
  const { outputFiles } = await build({ ...settings, ...more, entryPoints: [entry] });
  return Buffer.from(outputFiles[0].contents);
}

/** Leaves alone what is so already: the node is compiled again only where something changed. */
function write(file, content) {
  const path = join(dist, file);
  written.add(file);
  if (!existsSync(path) || !readFileSync(path).equals(Buffer.from(content))) {
    writeFileSync(path, content);
  }
}

function keep(name, type, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const file = name.replace(".", `-${hash}.`);
  const gzipped = gzipSync(bytes, { level: 9 });
  const parameters = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  write(file, bytes);
  write(`${file}.gz`, gzipped);
  write(`${file}.br`, brotliCompressSync(bytes, { params: parameters }));
  const encodings = { br: `${file}.br`, gzip: `${file}.gz`, identity: file };
  const asset = { name, file, type, encodings, gzipped: gzipped.length };
  assets.push(asset);
  return asset;
}
