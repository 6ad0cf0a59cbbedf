// Whether everybody can: with the keyboard alone, by axe's judgement on every page in every state, in light and dark, on a small screen
// and with large letters.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import type { Running } from "./node.ts";
import { days, house, offer, start } from "./node.ts";
import type { Person } from "./person.ts";
import { assertFine, assertFits, openBrowser, person, signIn } from "./person.ts";

let node: Running;
let browser: Browser;

before(async () => {
  [node, browser] = await Promise.all([start(), openBrowser()]);
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

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

test("with the keyboard alone, from the list to a confirmed booking and back", async () => {
  await offer(node, { title: "Juggling", inventory: { units: { capacity: 7 } } });
  const kim = await person(browser, node);
  await signIn(kim, "kim");
  await kim.page.goto("/");
  await kim.page.locator(".programme").waitFor();
  await tabTo(kim, /Juggling/);
  await kim.page.keyboard.press("Enter");
  await kim.page.waitForURL(({ pathname }) => pathname.startsWith("/slots/"));
  await kim.page.locator(".buy").waitFor();
  await tabTo(kim, /^Hold 1 place/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator(".stub[data-status=held]").waitFor();
  await kim.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await tabTo(kim, /^Confirm$/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator(".stub[data-status=confirmed]").waitFor();
  await tabTo(kim, /^Cancel booking$/);
  await kim.page.keyboard.press("Enter");
  await kim.page.getByRole("dialog").waitFor();
  await tabTo(kim, /^Yes, cancel it$/);
  await kim.page.keyboard.press("Enter");
  await kim.page.locator(".stub").waitFor({ state: "detached" });
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

for (const scheme of ["light", "dark"] as const) {
  test(`every page in every state is within everybody's reach, in ${scheme}`, async () => {
    const one = await person(browser, node, { scheme, width: 390, height: 844 });
    const { page } = one;
    const fine = async (where: string): Promise<void> => {
      await assertFine(one, `${where}, ${scheme}`);
      await assertFits(one, where);
    };
    const who = `ann-${scheme}`;
    const units = await offer(node, { title: "A very long title of something that is on sale", inventory: { units: { capacity: 3 } } });
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

    await signIn(one, who);
    await page.locator(".empty").waitFor();
    await fine("no bookings yet");
    await page.goto(`/slots/${units}`);
    await page.getByRole("button", { name: "Hold 1 place" }).click();
    await page.locator(".stub[data-status=held]").waitFor();
    await fine("held");
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

    const opera = await offer(node, { title: "Opera", inventory: { seats: { map: await house(node, 2, 4, 8) } } });
    await page.goto(`/slots/${opera}`);
    await page.locator("canvas[data-level]").waitFor();
    await page.getByText("Seats as a list").click();
    await fine("a house");
    await page.goto(`/slots/${await court(`Court ${scheme}`)}`);
    await page.locator(".week-wall td button").first().waitFor();
    await fine("a week");
    await one.context.close();
  });
}

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
