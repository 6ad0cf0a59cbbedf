// A drop that opens while a hundred pages count down: whoever presses as soon as they can has asked after the opening by the node's
// clock, and nothing else is asked of the node in that moment.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, Request } from "playwright-core";
import { days, offer, start } from "./node.ts";
import type { Person } from "./person.ts";
import { person, signIn, stage } from "./person.ts";

const PEOPLE = 10;
const TABS = 10;
const PAGES = PEOPLE * TABS;
/** The clocks of their computers are wrong by up to so many minutes, one way and the other. */
const WRONG_MINUTES = 50;
/** From when the opening is said until it is. */
const OPENS_IN_MS = 5_000;
/** A page reads what one has at most so often. */
const READ_EVERY_MS = 2_500;

const { node, browser } = await stage(start);

/** Opens the page, whose visitor presses as soon as there is something to press. */
async function countDown(page: Page, slot: string, minutes: number): Promise<void> {
  await page.addInitScript((ms) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ms;
  }, minutes * 60_000);
  await page.goto(`/slots/${slot}`);
  await page.locator(".opens").waitFor();
  await page.evaluate(() => {
    new MutationObserver((_, observer) => {
      const button = document.querySelector<HTMLButtonElement>(".buy button.primary:enabled");
      if (button) {
        observer.disconnect();
        // As this machine's clock has it, which is the node's too.
        Object.assign(globalThis, { pressed: performance.timeOrigin + performance.now() });
        button.click();
      }
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}

interface Record {
  kind: string;
  at: string;
}

test("a hundred pages count down, and each asks once, after the opening", async () => {
  const slot = await offer(node, { title: "The drop", sale: { opens_at: days(4) }, inventory: { units: { capacity: PAGES * 2 } } });
  const asked: Request[] = [];
  const answers: number[] = [];
  const people: Person[] = [];
  for (let number = 0; number < PEOPLE; number += 1) {
    const one = await person(browser, node, { width: 390, height: 600 });
    await signIn(one, `person-${number}`);
    people.push(one);
    const pages = [one.page];
    while (pages.length < TABS) {
      pages.push(await one.context.newPage());
    }
    const minutes = WRONG_MINUTES * (2 * (number / (PEOPLE - 1)) - 1);
    await Promise.all(pages.map((page) => countDown(page, slot, minutes)));
  }
  for (const { context } of people) {
    context.on("request", (request) => asked.push(request));
    context.on("response", (response) => response.request().method() === "POST" && answers.push(response.status()));
  }
  // The organizer says that it is soon: each page has it from its stream, or from the tab that has one.
  const said = performance.now();
  const opens = new Date(Date.now() + OPENS_IN_MS).toISOString();
  await node.ask(node.organizer, `/v1/slots/${slot}`, { sale: { opens_at: opens } }, "PATCH");
  const pressed: number[] = [];
  for (const page of people.flatMap(({ context }) => context.pages())) {
    await page.locator(".stub[data-status=held]").first().waitFor();
    pressed.push(await page.evaluate(() => (globalThis as unknown as { pressed: number }).pressed));
  }

  const early = pressed.filter((at) => at < Date.parse(opens));
  assert.deepEqual(early.map((at) => at - Date.parse(opens)), [], "nobody could press before the opening");
  assert.deepEqual(answers, Array(PAGES).fill(201), "nor was anybody too early, or had to ask twice");
  const { items } = await node.ask<{ items: Record[] }>(node.organizer, `/v1/slots/${slot}/feed?limit=200`);
  const booked = items.filter(({ kind }) => kind === "booked").map(({ at }) => Date.parse(at));
  assert.equal(booked.length, PAGES);
  assert.ok(booked.every((at) => at >= Date.parse(opens)), "before the opening nobody was let in");
  // Nobody reads anything because the sale opens; and what one has is read again only so often, however often others book.
  const rest = asked.filter((request) => request.method() !== "POST").map((request) => new URL(request.url()).pathname);
  const reads = (PAGES * (performance.now() - said)) / READ_EVERY_MS;
  assert.ok(rest.length <= reads, `${rest.length} beside what was pressed, and ${Math.floor(reads)} may be: ${[...new Set(rest)].join()}`);
  assert.deepEqual(people.flatMap(({ complaints }) => complaints), []);
  await Promise.all(people.map(({ context }) => context.close()));
});
