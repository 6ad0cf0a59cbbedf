// Whether everybody can: with the keyboard alone, by axe's judgement on every page in every state, in light and dark and in the reader's
// own colours, on a small screen and with large letters; and whether nobody runs out of time without a word.

import assert from "node:assert/strict";
import { test } from "node:test";
import { days, house, offer, soon, start } from "./node.ts";
import type { Person } from "./person.ts";
import { assertFine, assertFits, person, signIn, stage } from "./person.ts";

const { node, browser } = await stage(start);

/** Tabs until something with this name has the focus. */
async function tabTo({ page }: Person, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const labels = element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? [...(element.labels ?? [])] : [];
      return element?.getAttribute("aria-label") ?? (labels[0]?.textContent || element?.textContent) ?? "";
    });
    if (name.test(focused)) {
      return;
    }
    seen.push(focused.slice(0, 30));
  }
  assert.fail(`no ${name} among ${seen.join(" | ")}`);
}

test("with the keyboard alone, from the list to a ticket and back", async () => {
  await offer(node, { title: "Juggling", inventory: { units: { capacity: 7 } } });
  const kim = await person(browser, node);
  await kim.page.goto("/");
  await kim.page.locator(".programme").waitFor();
  await tabTo(kim, /Juggling/);
  await kim.page.keyboard.press("Enter");
  await kim.page.waitForURL(({ pathname }) => pathname.startsWith("/slots/"));
  await kim.page.locator(".buy").waitFor();
  await tabTo(kim, /^Sign in to book/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator("input[name=name]").waitFor();
  await tabTo(kim, /^Your name/);
  await kim.page.keyboard.type("kim");
  await kim.page.keyboard.press("Enter");
  await kim.page.waitForURL(({ pathname }) => pathname.startsWith("/slots/"));
  await kim.page.locator(".buy").waitFor();
  await tabTo(kim, /^One more$/);
  await kim.page.keyboard.press("Space");
  await tabTo(kim, /^Hold 2 places/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator(".stub[data-status=held]").waitFor();
  // Who does not see it hears it.
  await kim.page.locator(".spoken[role=status]", { hasText: "Held for you: 2 places" }).waitFor();
  await tabTo(kim, /^More time$/);
  await kim.page.keyboard.press("Enter");
  await tabTo(kim, /^Confirm$/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator(".stub[data-status=confirmed]").waitFor();
  await tabTo(kim, /^Ticket$/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator(".code svg.qr").waitFor();
  await tabTo(kim, /^Print ticket$/);
  await tabTo(kim, /^Cancel booking$/);
  await kim.page.keyboard.press("Enter");
  // Nothing else can be reached while it asks; whoever turns back is where they were.
  await kim.page.locator("dialog:modal").waitFor();
  await kim.page.keyboard.press("Escape");
  await kim.page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(await kim.page.evaluate(() => document.activeElement?.textContent), "Cancel booking");
  await kim.page.keyboard.press("Enter");
  await kim.page.locator("dialog:modal").waitFor();
  await tabTo(kim, /^Yes, cancel it$/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator(".stub[data-status=cancelled]").waitFor();
  await kim.context.close();
});

test("with the keyboard alone, a seat by section, row and number", async () => {
  const slot = await offer(node, { title: "Carmen", inventory: { seats: { map: await house(node, 2, 4, 8), singles: "allow" } } });
  const lea = await person(browser, node);
  await signIn(lea, "lea");
  await lea.page.goto(`/slots/${slot}`);
  await lea.page.locator("canvas[data-level]").waitFor();
  await tabTo(lea, /^Seats as a list$/);
  await lea.page.keyboard.press("Enter");
  await tabTo(lea, /^Section/);
  await lea.page.keyboard.press("ArrowDown");
  await tabTo(lea, /^Row/);
  await tabTo(lea, /^Seat 1$/);
  await lea.page.keyboard.press("Enter");
  await lea.page.locator(".stub[data-status=held]").filter({ hasText: "s2 · 1 · 1" }).waitFor();
  await lea.context.close();
});

test("with the keyboard alone, a time of a calendar", async () => {
  const slot = await court("Tennis");
  const max = await person(browser, node);
  await signIn(max, "max");
  await max.page.goto(`/slots/${slot}`);
  await max.page.locator(".week-wall[aria-busy=false]").waitFor();
  const free = max.page.locator(".week-wall td button");
  if ((await free.count()) === 0) {
    await max.page.getByRole("button", { name: "Later week" }).click();
  }
  await free.first().waitFor();
  await free.first().focus();
  await max.page.keyboard.press("ArrowDown");
  await max.page.keyboard.press("Enter");
  assert.equal(await max.page.locator(".week-wall [aria-pressed=true]").count(), 1);
  await tabTo(max, /^Hold /);
  await max.page.keyboard.press("Enter");
  await max.page.locator(".stub[data-status=held]").waitFor();
  await max.context.close();
});

function court(title: string): Promise<string> {
  const calendar = {
    resources: ["Court 1", "Court 2"],
    grid_seconds: 1_800,
    minimum_seconds: 3_600,
    maximum_seconds: 7_200,
    time_zone: "Europe/Berlin",
    hours: [{ days: ["mo", "tu", "we", "th", "fr", "sa", "su"], from: "08:00", to: "20:00" }],
  };
  return offer(node, { title, starts_at: days(1), ends_at: days(60), inventory: { calendar } });
}

/** Looks at a page as it is, and then as others have it: on the smallest screen, with letters twice as large, in colours of their own. */
async function assertReached(one: Person, where: string): Promise<void> {
  const { page } = one;
  await assertFine(one, where);
  await assertFits(one, where);
  const size = page.viewportSize()!;
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await assertFits(one, `${where}, with large letters`);
  await page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
  await page.setViewportSize({ width: 320, height: 640 });
  await assertFits(one, `${where}, at 320 pixels`);
  await page.setViewportSize(size);
  await page.emulateMedia({ forcedColors: "active" });
  await assertFine(one, `${where}, in colours of one's own`);
  await page.emulateMedia({ forcedColors: "none" });
}

for (const scheme of ["light", "dark"] as const) {
  const body = { scheme, width: 390, height: 844 };

  test(`every page in every state is within everybody's reach, in ${scheme}`, async () => {
    const one = await person(browser, node, body);
    const { page } = one;
    const fine = (where: string): Promise<void> => assertReached(one, `${where}, ${scheme}`);
    const units = await offer(node, { title: "A very long title of something that is on sale", inventory: { units: { capacity: 3 } }, policy: { customer_limit: 1 } });
    const later = await offer(node, { title: "Later", sale: { opens_at: days(3) }, inventory: { units: { capacity: 3 } } });
    const full = await offer(node, { title: "Full", inventory: { units: { capacity: 1 } }, policy: { waitlist: { promotion: "offer" } } });
    const zoe = await node.ask<{ id: string }>(node.customer("zoe"), `/v1/slots/${full}/bookings`, { quantity: 1 });

    await page.goto("/");
    await page.locator(".programme").waitFor();
    await fine("the list");
    await page.goto("/?organizer=nobody");
    await page.locator(".empty").waitFor();
    await fine("an empty list");
    await page.goto("/bookings");
    await page.locator(".empty").waitFor();
    await fine("bookings of nobody");
    await page.goto(`/slots/${units}`);
    await page.locator(".buy").waitFor();
    await fine("a slot, signed out");
    await page.goto("/session");
    await page.locator("input[name=name]").waitFor();
    await fine("the session");
    await page.goto("/slots/slot_none");
    await fine("what is not there");

    await signIn(one, `ann-${scheme}`);
    await page.locator(".empty").waitFor();
    await fine("no bookings yet");
    await page.goto(`/slots/${units}`);
    await page.getByRole("button", { name: "Hold 1 place" }).click();
    await page.locator(".stub[data-status=held]").waitFor();
    await fine("held");
    await page.getByRole("button", { name: "Hold 1 place" }).click();
    await page.locator(".said.refused").filter({ hasText: "more than one person" }).waitFor();
    await fine("refused");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.locator(".stub[data-status=confirmed]").waitFor();
    await fine("confirmed");
    await page.getByRole("button", { name: "Cancel booking" }).click();
    await page.getByRole("dialog").waitFor();
    await fine("the question");
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.getByRole("link", { name: "Ticket" }).click();
    await page.locator(".alone .stub").waitFor();
    await fine("the ticket");
    await page.goto(`/slots/${later}`);
    await page.locator(".opens").waitFor();
    await fine("not on sale yet");
    await page.goto(`/slots/${full}`);
    await page.getByRole("button", { name: "Join the waitlist" }).click();
    await page.locator(".stub[data-status=waitlisted]").waitFor();
    await fine("waiting");
    await node.ask(node.customer("zoe"), `/v1/bookings/${zoe.id}/cancel`, {});
    await page.locator(".stub[data-status=offered]").waitFor();
    await fine("offered");
    await page.goto("/bookings");
    await page.locator(".programme .row").first().waitFor();
    await fine("bookings");
    await node.ask(node.organizer, `/v1/slots/${full}/cancel`, {});
    await page.goto(`/slots/${full}`);
    await page.locator(".slot[data-state=cancelled]").waitFor();
    await fine("cancelled");
    await one.context.close();
  });

  test(`what goes wrong, what costs something, seats and times are within everybody's reach, in ${scheme}`, async () => {
    const one = await person(browser, node, body);
    const { page } = one;
    const fine = (where: string): Promise<void> => assertReached(one, `${where}, ${scheme}`);
    const who = `bea-${scheme}`;
    await signIn(one, who);
    const sold = await offer(node, { title: "Gone", inventory: { units: { capacity: 0 } }, policy: { waitlist: null } });
    await page.goto(`/slots/${sold}`);
    await page.locator(".buy", { hasText: "there is no waitlist" }).waitFor();
    await fine("sold out for good");
    const short = await offer(node, { title: "Short", inventory: { units: { capacity: 9 } }, policy: { hold_seconds: 2 } });
    await page.goto(`/slots/${short}`);
    await page.getByRole("button", { name: "Hold 1 place" }).click();
    await page.locator(".stub[data-status=expired]").waitFor();
    await fine("lapsed");
    await page.route(`**/v1/slots/${short}/bookings`, (route) => (route.request().method() === "POST" ? route.fulfill({ status: 503, json: { code: "outcome_unknown" } }) : route.continue()));
    await page.getByRole("button", { name: "Hold 1 place" }).click();
    await page.locator(".said.wait").filter({ hasText: "No answer yet" }).waitFor();
    await fine("unknown");
    await page.unrouteAll({ behavior: "ignoreErrors" });
    const priced = await offer(node, {
      title: "Priced",
      inventory: { units: { capacity: 30 } },
      products: [{ key: "adult", title: "Adults" }, { key: "child", title: "Children" }],
      prices: [{ product: "child", amount: 500 }, { amount: 1_200 }],
      currency: "EUR",
    });
    await page.goto(`/slots/${priced}`);
    await page.getByRole("button", { name: "Hold 1 place" }).click();
    await page.locator(".stub[data-status=held]").waitFor();
    await fine("to be paid");

    const opera = await offer(node, { title: "Opera", inventory: { seats: { map: await house(node, 2, 4, 8), singles: "allow" } } });
    await page.goto(`/slots/${opera}`);
    await page.locator("canvas[data-level]").waitFor();
    await page.getByText("Seats as a list").click();
    await page.getByRole("button", { name: "Seat 1", exact: true }).click();
    await page.locator(".stub[data-status=held]").waitFor();
    await fine("a house");
    const week = await court(`Court ${scheme}`);
    await page.goto(`/slots/${week}`);
    await soon(async () => (await page.locator(".week-wall td button").count()) > 0 || (await page.getByRole("button", { name: "Later week" }).click(), false));
    await page.locator(".week-wall td button").first().click();
    await page.locator(".week-wall [aria-pressed=true]").waitFor();
    await fine("a week");
    await page.goto(`/slots/${week}?lang=de`);
    await page.locator(".week-wall").waitFor();
    await fine("a week in German");
    await one.context.close();
  });
}

test("a hold can be given more time until it is as long as may be, which is said; and why an offer cannot", async () => {
  const slot = await offer(node, { title: "Long", inventory: { units: { capacity: 1 } }, policy: { hold_seconds: 60, hold_seconds_max: 100, waitlist: { promotion: "offer" } } });
  const nia = await person(browser, node);
  await signIn(nia, "nia");
  await nia.page.goto(`/slots/${slot}`);
  await nia.page.getByRole("button", { name: "Hold 1 place" }).click();
  await nia.page.locator(".stub[data-status=held]").waitFor();
  const more = async (): Promise<void> => {
    const answer = nia.page.waitForResponse((response) => response.url().endsWith("/extend"));
    await nia.page.getByRole("button", { name: "More time" }).click();
    assert.equal((await answer).status(), 200);
  };
  await more();
  const longest = nia.page.getByText("It cannot be held any longer");
  assert.equal(await longest.count(), 0, "there is more to be had");
  // So much of the hold is over that all of it cannot be had again.
  const { items } = await node.ask<{ items: { id: string }[] }>(node.customer("nia"), `/v1/slots/${slot}/bookings`);
  await node.ask(node.organizer, `/v1/slots/${slot}`, { policy: { hold_seconds: 3_600 } }, "PATCH");
  await nia.page.reload();
  await nia.page.locator(".stub[data-status=held]").waitFor();
  await more();
  await longest.waitFor();

  const leo = await person(browser, node);
  await signIn(leo, "leo");
  await leo.page.goto(`/slots/${slot}`);
  await leo.page.getByRole("button", { name: "Join the waitlist" }).click();
  await leo.page.locator(".stub[data-status=waitlisted]").waitFor();
  await node.ask(node.customer("nia"), `/v1/bookings/${items[0]!.id}/cancel`, {});
  await leo.page.locator(".stub[data-status=offered]").filter({ hasText: "There is no more time than this" }).waitFor();
  await Promise.all([nia.context.close(), leo.context.close()]);
});

test("who wants nothing to move sees nothing move", async () => {
  const slot = await offer(node, { title: "Still", inventory: { units: { capacity: 3 } } });
  const one = await person(browser, node);
  await signIn(one, "sid");
  await one.page.goto(`/slots/${slot}`);
  await one.page.getByRole("button", { name: "Hold 1 place" }).click();
  await one.page.locator(".stub[data-status=held]").waitFor();
  const moving = (): Promise<string[]> =>
    one.page.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          return transitionDuration !== "0s" || animationName !== "none" || scrollBehavior === "smooth";
        })
        .map((element) => element.tagName),
    );
  assert.deepEqual(await moving(), []);
  await one.page.emulateMedia({ reducedMotion: "no-preference" });
  assert.ok((await moving()).length > 0, "for others something does");
  await one.context.close();
});

test("nothing is lost at 320 pixels, or with letters twice as large", async () => {
  const slots = [
    await offer(node, { title: "Unbeschreiblichkeiten", inventory: { units: { capacity: 3 } } }),
    await offer(node, { title: "Seats", inventory: { seats: { map: await house(node, 2, 4, 8) } } }),
    await court("Small court"),
  ];
  const small = await person(browser, node, { width: 320, height: 640 });
  await signIn(small, "tom");
  for (const path of ["/", "/bookings", "/session", ...slots.map((slot) => `/slots/${slot}`), `/slots/${slots[0]}?lang=de`]) {
    await small.page.goto(path);
    await small.page.locator("#app > *").first().waitFor();
    await assertFits(small, `${path} at 320 pixels`);
    await small.page.setViewportSize({ width: 390, height: 844 });
    await small.page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    await assertFits(small, `${path} with large letters`);
    await small.page.setViewportSize({ width: 320, height: 640 });
  }
  await small.context.close();
});
