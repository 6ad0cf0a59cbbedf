// From the list to the ticket, and what happens when it is full, with a real node.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { days, offer, start } from "./node.ts";
import { person, signIn, stage } from "./person.ts";

const { node, browser } = await stage(start);

interface Booking {
  id: string;
  status: string;
}

test("from the list to the ticket", async () => {
  await offer(node, { title: "Morning yoga", inventory: { units: { capacity: 20 } } });
  const alice = await person(browser, node);
  const { page } = alice;
  await signIn(alice, "alice");
  await page.goto("/");
  await page.getByRole("link", { name: "Morning yoga" }).click();
  await page.waitForURL(({ pathname }) => pathname.startsWith("/slots/"));
  assert.equal(await page.locator("[data-count=free]").textContent(), "20");
  await page.getByRole("button", { name: "One more" }).click();
  await page.getByRole("button", { name: "Hold 2 places" }).click();
  await page.locator(".stub[data-status=held]").waitFor();
  // The count is live: it comes over the stream, not with the answer.
  await page.locator("[data-count=free]", { hasText: "18" }).waitFor();
  assert.match((await page.getByRole("timer").first().textContent()) ?? "", /minutes/);
  await page.getByRole("button", { name: "More time" }).click();
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.locator(".stub[data-status=confirmed]").waitFor();
  await page.getByRole("link", { name: "Ticket" }).click();
  await page.waitForURL(({ pathname }) => pathname.startsWith("/bookings/"));
  await page.locator(".stub[data-status=confirmed]").waitFor();
  assert.match((await page.locator(".reference").textContent()) ?? "", /[A-Z0-9]{8}$/);
  await page.locator(".code svg.qr").waitFor();
  const [entry] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Add to calendar" }).click()]);
  assert.match(entry.suggestedFilename(), /^[A-Z0-9]{8}\.ics$/);
  assert.match(readFileSync(await entry.path(), "utf8"), /^BEGIN:VCALENDAR\r\n.*\r\nSUMMARY:Morning yoga\r\n.*END:VCALENDAR\r\n$/s);
  await page.goto("/bookings");
  await page.getByRole("link", { name: "Morning yoga" }).waitFor();
  assert.deepEqual(alice.complaints, []);
  await alice.context.close();
});

test("sold out, the waitlist, an offer, accepted", async () => {
  const slot = await offer(node, {
    title: "Pottery",
    inventory: { units: { capacity: 1 } },
    policy: { waitlist: { promotion: "offer" } },
  });
  const first = await node.ask<Booking>(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 1 });
  const bob = await person(browser, node);
  await signIn(bob, "bob");
  await bob.page.goto(`/slots/${slot}`);
  await bob.page.getByRole("heading", { name: "Sold out" }).waitFor();
  await bob.page.getByRole("button", { name: "Join the waitlist" }).click();
  await bob.page.locator(".stub[data-status=waitlisted]").waitFor();
  assert.equal(await bob.page.locator(".position").textContent(), "Number 1 in line");
  // Somebody gives a place back: the one who waits sees it without doing anything.
  await node.ask(node.customer("zoe"), `/v1/bookings/${first.id}/cancel`, {});
  await bob.page.locator(".stub[data-status=offered]").waitFor();
  await bob.page.getByRole("button", { name: "Accept" }).click();
  await bob.page.locator(".stub[data-status=held]").waitFor();
  await bob.page.getByRole("button", { name: "Confirm" }).click();
  await bob.page.locator(".stub[data-status=confirmed]").waitFor();
  assert.deepEqual(bob.complaints, []);
  await bob.context.close();
});

test("a cancelled slot says so at once to whoever looks", async () => {
  const slot = await offer(node, { title: "Choir", inventory: { units: { capacity: 5 } } });
  const eve = await person(browser, node);
  await eve.page.goto(`/slots/${slot}`);
  await eve.page.getByRole("link", { name: "Sign in to book" }).waitFor();
  await node.ask(node.organizer, `/v1/slots/${slot}/cancel`, {});
  await eve.page.locator(".slot[data-state=cancelled]").waitFor();
  await eve.context.close();
});

test("what is refused is said in words, and what is unknown is asked again with the same key", async () => {
  const slot = await offer(node, { title: "Chess", inventory: { units: { capacity: 9 } }, policy: { customer_limit: 2, waitlist: null } });
  const dan = await person(browser, node);
  await signIn(dan, "dan");
  await dan.page.goto(`/slots/${slot}`);
  // The first answer is lost on its way: the booking was made, and nobody knows.
  const keys: (string | undefined)[] = [];
  let lost = 0;
  await dan.page.route(`**/v1/slots/${slot}/bookings`, async (route) => {
    if (route.request().method() !== "POST") {
      return route.continue();
    }
    keys.push(route.request().headers()["idempotency-key"]);
    if (lost === 0) {
      lost += 1;
      await route.fetch();
      return route.abort("connectionreset");
    }
    return route.continue();
  });
  await dan.page.getByRole("button", { name: "Hold 1 place" }).click();
  await dan.page.locator(".stub[data-status=held]").waitFor();
  assert.ok(keys.length >= 2 && keys.every((key) => key !== undefined && key === keys[0]), `${keys.join()}`);
  const { items } = await node.ask<{ items: Booking[] }>(node.customer("dan"), `/v1/slots/${slot}/bookings`);
  assert.equal(items.length, 1, "it happened once");
  await dan.page.getByRole("button", { name: "One more" }).click();
  await dan.page.getByRole("button", { name: "Hold 2 places" }).click();
  await dan.page.locator(".said.refused").filter({ hasText: "more than one person may book" }).waitFor();
  await dan.context.close();
});

test("what was under way when the page was left is found out by the next one", async () => {
  const slot = await offer(node, { title: "Fencing", inventory: { units: { capacity: 9 } } });
  const fay = await person(browser, node);
  await signIn(fay, "fay");
  await fay.page.goto(`/slots/${slot}`);
  await fay.page.route(`**/v1/slots/${slot}/bookings`, (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await fay.page.getByRole("button", { name: "Hold 1 place" }).click();
  await fay.page.locator(".said.wait").filter({ hasText: "No answer yet" }).waitFor();
  await fay.page.unrouteAll({ behavior: "ignoreErrors" });
  await fay.page.reload();
  await fay.page.locator(".stub[data-status=held]").waitFor();
  await fay.context.close();
});

test("a sale opens by the node's clock, without a reload", async () => {
  const opens = new Date(Date.now() + 4_000).toISOString();
  const slot = await offer(node, { title: "Drop", sale: { opens_at: opens }, inventory: { units: { capacity: 100 } } });
  const gus = await person(browser, node);
  await signIn(gus, "gus");
  await gus.page.goto(`/slots/${slot}`);
  await gus.page.getByRole("button", { name: "Hold 1 place" }).click();
  await gus.page.locator(".stub[data-status=held]").waitFor();
  assert.ok(Date.now() >= Date.parse(opens));
  await gus.context.close();
});

test("products have their prices, and what all of it costs is agreed on", async () => {
  const slot = await offer(node, {
    title: "Observatory",
    inventory: { units: { capacity: 30 } },
    products: [
      { key: "adult", title: "Adults" },
      { key: "child", title: "Children" },
    ],
    prices: [{ product: "child", amount: 500 }, { amount: 1_200 }],
    currency: "EUR",
  });
  const ida = await person(browser, node);
  await signIn(ida, "ida");
  await ida.page.goto(`/slots/${slot}`);
  await ida.page.getByLabel("Children").fill("2");
  await ida.page.getByLabel("Children").press("Tab");
  assert.match((await ida.page.locator(".total").textContent()) ?? "", /22\.00/);
  await ida.page.getByRole("button", { name: "Hold 3 places" }).click();
  await ida.page.locator(".stub[data-status=held]").filter({ hasText: "22.00" }).waitFor();
  assert.equal(await ida.page.getByRole("button", { name: "Confirm" }).count(), 0, "it has to be paid");
  await ida.context.close();
});

test("a number that cannot be had is neither shown nor asked for", async () => {
  const slot = await offer(node, { title: "Few", inventory: { units: { capacity: 5 } }, policy: { waitlist: null } });
  await node.ask(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 2 });
  const uma = await person(browser, node);
  await signIn(uma, "uma");
  await uma.page.goto(`/slots/${slot}`);
  await uma.page.locator("[data-count=free]", { hasText: "3" }).waitFor();
  const many = uma.page.locator("#many-units");
  for (const [typed, taken] of [["99", "3"], ["99", "3"], ["many", "3"], ["0", "1"], ["2", "2"]] as const) {
    await many.fill(typed);
    await many.press("Tab");
    assert.equal(await many.inputValue(), taken, typed);
  }
  await uma.page.getByRole("button", { name: "Hold 2 places" }).waitFor();
  // Somebody takes two of those three: nobody can wait for what is not there.
  await node.ask(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 2 });
  await uma.page.locator(".buy .hint", { hasText: "1 place left" }).waitFor();
  assert.equal(await uma.page.getByRole("button", { name: "Hold 2 places" }).isDisabled(), true);
  await uma.context.close();
});

test("who agreed to a price that is so no more is shown the new one", async () => {
  const slot = await offer(node, { title: "Dearer", inventory: { units: { capacity: 30 } }, prices: [{ amount: 1_000 }], currency: "EUR" });
  const ned = await person(browser, node);
  await signIn(ned, "ned");
  await ned.page.goto(`/slots/${slot}`);
  await ned.page.locator(".total", { hasText: "10.00" }).waitFor();
  await node.ask(node.organizer, `/v1/slots/${slot}`, { prices: [{ amount: 1_500 }] }, "PATCH");
  await ned.page.getByRole("button", { name: "Hold 1 place" }).click();
  await ned.page.locator(".said.refused", { hasText: "The price has changed" }).waitFor();
  await ned.page.locator(".total", { hasText: "15.00" }).waitFor();
  await ned.page.getByRole("button", { name: "Hold 1 place" }).click();
  await ned.page.locator(".stub[data-status=held]").filter({ hasText: "15.00" }).waitFor();
  await ned.context.close();
});

test("what somebody else ended is not gone without a word, and what is changed stays where it is", async () => {
  const slot = await offer(node, { title: "Two", inventory: { units: { capacity: 9 } } });
  const pia = await person(browser, node);
  await signIn(pia, "pia");
  const made: Booking[] = [];
  for (const quantity of [1, 2]) {
    made.push(await node.ask<Booking>(node.customer("pia"), `/v1/slots/${slot}/bookings`, { quantity, mode: "hold" }));
  }
  await pia.page.goto(`/slots/${slot}`);
  await pia.page.locator(".stub").nth(1).getByRole("button", { name: "Confirm" }).click();
  await pia.page.locator(".stub").nth(1).and(pia.page.locator("[data-status=confirmed]")).waitFor();
  await node.ask(node.organizer, `/v1/bookings/${made[1]!.id}/cancel`, {});
  await pia.page.locator(".stub[data-status=cancelled]").waitFor();
  await pia.page.locator(".spoken[role=status]", { hasText: "Cancelled: 2 places" }).waitFor();
  await pia.context.close();
});

test("two tabs are of one person: who signs in or out in one does so in both, and what is done in one shows in the other", async () => {
  const slot = await offer(node, { title: "Twice", inventory: { units: { capacity: 1 } }, policy: { waitlist: { promotion: "offer" } } });
  const zoe = await node.ask<Booking>(node.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 1 });
  const ivo = await person(browser, node);
  await signIn(ivo, "ivo");
  await ivo.page.goto(`/slots/${slot}`);
  await ivo.page.getByRole("button", { name: "Join the waitlist" }).click();
  await ivo.page.locator(".stub[data-status=waitlisted]").waitFor();
  const other = await ivo.context.newPage();
  await other.goto(`/slots/${slot}`);
  await other.locator(".stub[data-status=waitlisted]").waitFor();
  await node.ask(node.customer("zoe"), `/v1/bookings/${zoe.id}/cancel`, {});
  await other.getByRole("button", { name: "Accept" }).waitFor();
  await ivo.page.getByRole("button", { name: "Accept" }).click();
  await ivo.page.locator(".stub[data-status=held]").waitFor();
  await other.locator(".stub[data-status=held]").waitFor();
  assert.equal(await other.locator(".stub .said").textContent(), "");
  await ivo.page.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("link", { name: "Sign in to book" }).waitFor();
  assert.equal(await other.locator(".stub").count(), 0);
  await ivo.context.close();
});

test("what the list is asked for is what it shows, and nothing is asked for before the button is pressed", async () => {
  await offer(node, { title: "Not yet", sale: { opens_at: days(3) }, inventory: { units: { capacity: 3 } } });
  const jo = await person(browser, node);
  await jo.page.goto("/");
  await jo.page.getByLabel("Show").focus();
  await jo.page.keyboard.press("ArrowDown");
  assert.equal(new URL(jo.page.url()).search, "");
  await jo.page.getByRole("button", { name: "Apply" }).click();
  await jo.page.getByRole("link", { name: "Not yet" }).waitFor();
  assert.equal(new URL(jo.page.url()).search, "?status=scheduled");
  await jo.page.getByLabel("Organizer").fill("nobody");
  await jo.page.keyboard.press("Enter");
  await jo.page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  assert.equal(new URL(jo.page.url()).search, "?status=scheduled&organizer=nobody");
  await jo.page.getByLabel("Organizer").fill("");
  await jo.page.keyboard.press("Enter");
  await jo.page.getByRole("link", { name: "Not yet" }).waitFor();
  await jo.context.close();
});

test("the page speaks the language that is asked for, and its links keep it", async () => {
  const hans = await person(browser, node);
  await hans.page.goto("/?lang=de");
  await hans.page.getByRole("heading", { name: "Programm", level: 1 }).waitFor();
  await hans.page.getByRole("link", { name: "Meine Buchungen" }).click();
  await hans.page.getByRole("heading", { name: "Meine Buchungen" }).waitFor();
  assert.equal(await hans.page.locator("html").getAttribute("lang"), "de");
  await hans.context.close();
});
