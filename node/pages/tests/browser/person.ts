// A person with a browser: Debian's Chromium, one context a person, and what is wrong with a page by axe's judgement.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium } from "playwright-core";
import type { Running } from "./node.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync) ?? "chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What the tests of a file are played on: a node, or several, and a browser. Both are gone behind the last test. */
export async function stage<Node extends Running>(start: () => Promise<Node>): Promise<{ node: Node; browser: Browser }> {
  // Whoever runs as root (in a container) has no sandbox to give.
  const opening = chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  const starting = start();
  try {
    const [node, browser] = await Promise.all([starting, opening]);
    after(async () => {
      await browser.close();
      await node.stop();
    });
    return { node, browser };
  } catch (error) {
    // Of two of which one did not come, the other does not stay.
    await Promise.allSettled([opening.then((browser) => browser.close()), starting.then((node) => node.stop())]);
    throw error;
  }
}

export interface Person {
  page: Page;
  context: BrowserContext;
  /** What the browser complained of. */
  complaints: string[];
}

export interface Body {
  width?: number;
  height?: number;
  scheme?: "light" | "dark";
  locale?: string;
}

export async function person(browser: Browser, node: Running, body: Body = {}): Promise<Person> {
  const context = await browser.newContext({
    baseURL: node.url,
    viewport: { width: body.width ?? 1280, height: body.height ?? 800 },
    colorScheme: body.scheme ?? "light",
    locale: body.locale ?? "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
  });
  await bringNewer(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/favicon|status of (401|404|409|503)/.test(message.text() + message.location().url)) {
      complaints.push(message.text());
    }
  });
  return { page, context, complaints };
}

/** DIST names a folder whose files take the place of those that the node carries: what was changed is tried before it is compiled. */
async function bringNewer(context: BrowserContext): Promise<void> {
  const folder = process.env["DIST"];
  if (!folder) {
    return;
  }
  const newer = readdirSync(folder);
  await context.route("**/assets/*", (route) => {
    const [, name, ending] = /\/assets\/(\w+)-\w+(\.\w+)$/.exec(new URL(route.request().url()).pathname) ?? [];
    const file = newer.find((found) => found.startsWith(`${name}-`) && found.endsWith(ending ?? ""));
    return file ? route.fulfill({ path: join(folder, file) }) : route.continue();
  });
}

/** Signs in with a name, as `dev` lets one. */
export async function signIn({ page }: Person, name: string): Promise<void> {
  await page.goto("/session?next=/bookings");
  await page.fill("input[name=name]", name);
  await page.press("input[name=name]", "Enter");
  await page.waitForURL(({ pathname }) => pathname === "/bookings");
}

/** Comes from an organizer's site, with a token behind the `#` of the address. */
export async function arrive({ page }: Person, token: string): Promise<void> {
  await page.goto(`/session?next=/bookings#token=${token}`);
  await page.waitForURL(({ pathname }) => pathname === "/bookings");
}

/** Nothing on the page is out of anybody's reach, as far as axe can tell, and nothing was complained of. */
export async function assertFine(one: Person, where: string): Promise<void> {
  await one.page.evaluate(AXE);
  const found = await one.page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as { axe: { run: (on: Document, how: unknown) => Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      help: string;
      nodes: { html: string; failureSummary: string }[];
    }
    const { violations } = await axe.run(document, { runOnly: { type: "tag", values: rules } });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`);
  }, RULES);
  assert.deepEqual(found, [], where);
  assert.deepEqual(one.complaints, [], where);
}

/** Nothing is cut off or has to be scrolled sideways. */
export async function assertFits({ page }: Person, where: string): Promise<void> {
  const out = await page.evaluate(() => {
    const seen = document.documentElement.clientWidth;
    const cut = (element: Element): boolean => {
      const { left, right, width } = element.getBoundingClientRect();
      if (width <= 1 || (right <= seen + 1 && left >= -1)) {
        return false;
      }
      // What scrolls by itself, and what is there for ears alone, may be wider.
      for (let around = element.parentElement; around; around = around.parentElement) {
        if (["auto", "scroll"].includes(getComputedStyle(around).overflowX) || around.classList.contains("spoken")) {
          return false;
        }
      }
      return true;
    };
    const all = [...document.querySelectorAll("body *")].filter((element) => !element.classList.contains("spoken") && cut(element));
    const out = all.map((element) => `${element.tagName}.${element.className} ${element.textContent?.slice(0, 20)}`);
    // What heads a column has room in it.
    const tight = [...document.querySelectorAll("th")].filter((element) => element.scrollWidth > element.clientWidth + 1);
    out.push(...tight.map((element) => `${element.textContent} in ${element.clientWidth}`));
    // Nothing makes a page longer than what is on it.
    const end = document.querySelector("body > footer")!.getBoundingClientRect().bottom + scrollY;
    const high = document.documentElement.scrollHeight;
    if (high > Math.max(end, innerHeight) + 1) {
      out.push(`${high} high, and it ends at ${end}`);
    }
    return document.documentElement.scrollWidth > seen ? [`${document.documentElement.scrollWidth} wide`, ...out] : out;
  });
  assert.deepEqual(out, [], where);
}
