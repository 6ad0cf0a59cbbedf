// What is live: one stream a browser, polling where there is no room for one, and time by the node's clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { days, house, offer, start } from "./node.ts";
import { person, signIn, stage } from "./person.ts";

const { node, browser } = await stage(start);

test("two tabs have one stream, and the second goes on when the first is closed", async () => {
  const slot = await offer(node, { title: "Rowing", inventory: { units: { capacity: 8 } } });
  const { context, page } = await person(browser, node);
  let streams = 0;
  context.on("request", (request) => (streams += request.url().endsWith("/live") ? 1 : 0));
  await page.goto(`/slots/${slot}`);
  const second = await context.newPage();
  await second.goto(`/slots/${slot}`);
  const count = second.locator("[data-count=free]");
  await node.ask(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 1 });
  await count.filter({ hasText: "7" }).waitFor();
  assert.equal(streams, 1);
  await page.close();
  await node.ask(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 2 });
  await count.filter({ hasText: "5" }).waitFor();
  assert.equal(streams, 2);
  await context.close();
});

test("where there is no room for a stream the page polls, and says the same", async () => {
  const slot = await offer(node, { title: "Archery", inventory: { units: { capacity: 8 } } });
  const { context, page } = await person(browser, node);
  await page.route("**/live", (route) => route.fulfill({ status: 503, headers: { "Retry-After": "1" }, json: { code: "overloaded" } }));
  const known: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(`/v1/slots/${slot}`)) {
      known.push(request.headers()["if-none-match"]);
    }
  });
  await page.goto(`/slots/${slot}`);
  await page.locator("[data-count=free]").filter({ hasText: "8" }).waitFor();
  await node.ask(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 3 });
  await page.locator("[data-count=free]").filter({ hasText: "5" }).waitFor();
  assert.ok(known.slice(1).every((etag) => etag !== undefined), "only what changed is sent");
  await context.close();
});

test("a countdown goes by the node's clock, whatever the reader's says", async () => {
  const slot = await offer(node, { title: "Regatta", starts_at: days(30), ends_at: days(31), sale: { opens_at: days(4) }, inventory: { units: { capacity: 8 } } });
  const { context, page } = await person(browser, node);
  await page.clock.setFixedTime(new Date("2001-01-01T00:00:00Z"));
  await page.goto(`/slots/${slot}`);
  assert.match((await page.getByRole("timer").textContent()) ?? "", /^[34] days$/);
  await context.close();
});

test("a hold that lapses says so, and the places go back", async () => {
  const slot = await offer(node, { title: "Sprint", inventory: { units: { capacity: 1 } }, policy: { hold_seconds: 2, waitlist: null } });
  const one = await person(browser, node);
  await signIn(one, "lou");
  await one.page.goto(`/slots/${slot}`);
  await one.page.getByRole("button", { name: "Hold 1 place" }).click();
  await one.page.locator(".stub[data-status=expired]").filter({ hasText: "The time ran out" }).waitFor();
  await one.page.locator("[data-count=free]").filter({ hasText: "1" }).waitFor();
  await one.context.close();
});

test("what an organizer makes of a hold shows by itself, on the slot's page and on the booking's own", async () => {
  const slot = await offer(node, { title: "Box office", inventory: { units: { capacity: 4 } }, policy: { confirmed_by: "organizer" } });
  const one = await person(browser, node);
  await signIn(one, "pam");
  await one.page.goto(`/slots/${slot}`);
  await one.page.getByRole("button", { name: "Hold 1 place" }).click();
  await one.page.locator(".stub[data-status=held]").waitFor();
  const { items } = await node.ask<{ items: { id: string }[] }>(node.customer("pam"), `/v1/slots/${slot}/bookings`);
  const own = await one.context.newPage();
  await own.goto(`/bookings/${items[0]!.id}`);
  await own.locator(".stub[data-status=held]").waitFor();
  await node.ask(node.organizer, `/v1/bookings/${items[0]!.id}/confirm`, {});
  for (const page of [one.page, own]) {
    await page.locator(".stub[data-status=confirmed]").waitFor();
  }
  await one.context.close();
});

test("a part of the page that the node does not have says so, reloads the page once, and is there when it can be had", async () => {
  const slot = await offer(node, { title: "Upgrade", inventory: { seats: { map: await house(node, 1, 3, 6) } } });
  const { page, context } = await person(browser, node);
  let loads = 0;
  let parts = 0;
  page.on("request", (request) => (loads += request.isNavigationRequest() ? 1 : 0));
  // It is as another build's node would have it, until a third one answers.
  await page.route(/\/assets\/seats-/, (route) => {
    parts += 1;
    return parts > 5 ? route.fallback() : route.fulfill({ status: 404, json: { code: "not_found" } });
  });
  await page.goto(`/slots/${slot}`);
  await page.locator(".said.refused", { hasText: "This page will try again" }).waitFor();
  await page.locator("#plain dl").waitFor();
  await page.locator("canvas[data-level]").waitFor();
  await page.locator("#plain").waitFor({ state: "hidden" });
  assert.equal(loads, 2);
  await context.close();
});

test("whoever looks is told when the node cannot be reached, and when it can again", async () => {
  const slot = await offer(node, { title: "Lost", inventory: { units: { capacity: 5 } } });
  const wil = await person(browser, node);
  await wil.page.route("**/live", (route) => route.abort());
  await wil.page.goto(`/slots/${slot}`);
  await wil.page.locator(".slot-facts .said", { hasText: "The server does not answer. This page will try again." }).waitFor();
  await node.ask(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 2 });
  await wil.page.unrouteAll({ behavior: "ignoreErrors" });
  await wil.page.locator("[data-count=free]", { hasText: "3" }).waitFor();
  assert.equal(await wil.page.locator(".slot-facts .said").textContent(), "");
  await wil.context.close();
});
