// Credits, codes and orders as the contract tells them, by answers that are made here: what a page makes of them, and what it asks.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "playwright-core";
import { offer, start } from "./node.ts";
import type { Person } from "./person.ts";
import { assertFine, assertFits, person, signIn, stage } from "./person.ts";

const { node, browser } = await stage(start);

type Json = Record<string, unknown>;

/** Answers as the node does, with more in it. */
async function withMore(route: Route, more: (body: Json) => Json): Promise<void> {
  const response = await route.fetch();
  await route.fulfill({ response, json: more((await response.json()) as Json) });
}

/** Somebody who looks at a slot with this policy. */
async function visitor(name: string, slot: string, policy: Json): Promise<Person> {
  const one = await person(browser, node, { width: 390, height: 844 });
  await signIn(one, name);
  await one.page.route(`**/v1/slots/${slot}`, (route) => withMore(route, (body) => ({ ...body, policy: { ...(body["policy"] as Json), ...policy } })));
  return one;
}

test("what it needs in credits is said beside what one has, and a booking says what became of them", async () => {
  const slot = await offer(node, { title: "Pilates", inventory: { units: { capacity: 9 } } });
  const { id } = await node.ask<{ id: string }>(node.customer("lou"), `/v1/slots/${slot}/bookings`, { quantity: 1, mode: "hold" });
  const lou = await visitor("lou", slot, { credits: { price: 2 }, code_required: false });
  const { page } = lou;
  const packages = [
    { id: "pkg_1", available: 3, reserved: 2, valid_until: "2130-01-01T00:00:00Z", frozen: null, status: "live" },
    { id: "pkg_2", available: 9, reserved: 0, valid_until: null, frozen: null, status: "over" },
  ];
  const accounts: string[] = [];
  await page.route("**/v1/accounts?*", (route) => (accounts.push(new URL(route.request().url()).search), route.fulfill({ json: { packages } })));
  const credits = [{ package: "pkg_1", count: 2, outcome: "reserved" }];
  const spent = (body: Json): Json => ({ ...body, items: (body["items"] as Json[]).map((item) => ({ ...item, credits })) });
  await page.route(`**/v1/slots/${slot}/bookings?*`, (route) => withMore(route, spent));
  await page.route("**/v1/me/bookings*", (route) => withMore(route, spent));
  await page.goto(`/slots/${slot}`);
  await page.locator(".buy .total", { hasText: "2 credits" }).waitFor();
  await page.getByText("You have 3 credits.", { exact: true }).waitFor();
  await page.getByRole("button", { name: "One more" }).click();
  await page.locator(".buy .total", { hasText: "4 credits" }).waitFor();
  await page.locator(".hint", { hasText: "You do not have enough credits." }).waitFor();
  await page.locator(".stub .facts", { hasText: "2 kept for this" }).waitFor();
  assert.ok(accounts.length > 0 && accounts.every((search) => search === "?organizer=studio-7"), accounts.join());
  assert.equal(await page.locator("input[name=code]").count(), 0, "there is nothing that a code would lower");
  await assertFine(lou, "credits");
  await assertFits(lou, "credits");
  await page.goto("/bookings");
  await page.locator(".group", { hasText: "My credits" }).getByText("3 credits, good until").waitFor();
  await page.goto(`/bookings/${id}`);
  await page.locator(".stub[data-status=held]").waitFor();
  await assertFine(lou, "a booking");
  await lou.context.close();
});

test("a code goes along with what is booked, and why it was refused is said in words", async () => {
  const slot = await offer(node, { title: "Members", inventory: { units: { capacity: 9 } } });
  const mia = await visitor("mia", slot, { code_required: true });
  const { page } = mia;
  const asked: unknown[] = [];
  let reason = "required";
  await page.route(`**/v1/slots/${slot}/bookings`, async (route) => {
    if (route.request().method() !== "POST") {
      return route.continue();
    }
    const { code, ...rest } = route.request().postDataJSON() as Json;
    asked.push(code);
    return reason === "" ? route.continue({ postData: JSON.stringify(rest) }) : route.fulfill({ status: 409, json: { code: "voucher_refused", reason } });
  });
  await page.goto(`/slots/${slot}`);
  const field = page.getByLabel("Code", { exact: true });
  await field.waitFor();
  const hold = page.getByRole("button", { name: "Hold 1 place" });
  const refused = async (because: string, text: string): Promise<void> => {
    reason = because;
    await hold.click();
    await page.locator(".buy .said.refused", { hasText: text }).waitFor();
  };
  await refused("required", "This needs a code.");
  await field.fill(" wrong1 ");
  await refused("unknown", "There is no such code.");
  await refused("per_customer", "This code is not good for this booking.");
  await assertFine(mia, "a code that was refused");
  await field.fill("EARLY24");
  reason = "";
  await hold.click();
  await page.locator(".stub[data-status=held]").waitFor();
  assert.deepEqual(asked, [undefined, "wrong1", "wrong1", "EARLY24"]);
  await mia.context.close();
});

test("what costs something is paid at its provider's page: declined, tried again, and paid", async () => {
  const slot = await offer(node, { title: "Recital", inventory: { units: { capacity: 9 } }, prices: [{ amount: 1_200 }], currency: "EUR" });
  const kay = await visitor("kay", slot, {});
  const { page } = kay;
  let [seq, isOrdered, isPaid] = [1, false, false];
  let attempt: Json | null = null;
  const asked: [string, unknown][] = [];
  const order = (): Json => ({ id: "ord_1", status: isPaid ? "confirmed" : "held", payment: isPaid ? "paid" : "open", items: [], attempt, seq });
  // The node says in its pages with whom one can pay.
  await page.route(/\/(slots|bookings)\/\w+_[\w-]+$/, async (route) => {
    if (route.request().resourceType() !== "document") {
      return route.fallback();
    }
    const response = await route.fetch();
    return route.fulfill({ response, body: (await response.text()).replace('"build":', '"providers":["simulated"],"build":') });
  });
  await page.route(/\/v1\/bookings\/[\w-]+$/, (route) => withMore(route, (body) => ({ ...body, order: isOrdered ? "ord_1" : null })));
  await page.route("**/v1/orders**", async (route) => {
    const request = route.request();
    if (request.method() !== "POST") {
      return route.fulfill({ json: order() });
    }
    const path = new URL(request.url()).pathname;
    asked.push([path, request.postDataJSON()]);
    isOrdered = true;
    seq += 1;
    attempt = path.endsWith("attempts") ? { n: seq, provider: "simulated", status: "pending", redirect_url: "/simulated/ord_1" } : attempt;
    return route.fulfill({ status: 201, json: path.endsWith("attempts") ? attempt : order() });
  });
  await page.route("**/simulated/ord_1", (route) => route.fulfill({ contentType: "text/html", body: "<h1>Pay?</h1>" }));

  await page.goto(`/slots/${slot}`);
  await page.getByRole("button", { name: "Hold 1 place" }).click();
  await page.getByText("yours once they are paid").waitFor();
  await assertFine(kay, "to be paid here");
  await page.getByRole("button", { name: "Pay €12.00" }).click();
  await page.getByRole("heading", { name: "Pay?" }).waitFor();
  const [[made, what], [tried, how]] = asked as [[string, { items: { booking: string }[]; expect_amount: number }], [string, { provider: string; return_url: string }]];
  assert.deepEqual([made, what.expect_amount, tried, how.provider], ["/v1/orders", 1_200, "/v1/orders/ord_1/attempts", "simulated"]);
  const id = what.items[0]!.booking;
  assert.equal(how.return_url, `${node.url}/bookings/${id}`);

  attempt = { n: 1, provider: "simulated", status: "declined" };
  await page.goto(how.return_url);
  await page.getByText("The payment was declined.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Give back" }).count(), 1, "it goes with its order");
  await assertFine(kay, "declined");
  await page.getByRole("button", { name: "Pay €12.00" }).click();
  await page.getByRole("heading", { name: "Pay?" }).waitFor();
  await page.goto(how.return_url);
  await page.getByText("The payment is under way.").waitFor();
  await node.ask(node.organizer, `/v1/bookings/${id}/confirm`, {});
  [isPaid, seq] = [true, seq + 1];
  await page.locator(".stub[data-status=confirmed]").waitFor();
  await page.getByText("Paid.", { exact: true }).waitFor();
  await page.locator(".code svg.qr").waitFor();
  assert.equal(await page.getByRole("button", { name: /^Pay/ }).count(), 0);
  await kay.context.close();
});

test("a node that knows none of it says and is asked nothing of it", async () => {
  const slot = await offer(node, { title: "Plain", inventory: { units: { capacity: 9 } }, prices: [{ amount: 100 }], currency: "EUR" });
  const jan = await visitor("jan", slot, { credits: undefined, code_required: undefined });
  const asked: string[] = [];
  jan.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await jan.page.goto(`/slots/${slot}`);
  await jan.page.getByRole("button", { name: "Hold 1 place" }).click();
  await jan.page.locator(".stub[data-status=held]").waitFor();
  assert.ok(!asked.some((path) => /accounts|money/.test(path)), asked.join());
  await jan.context.close();
});
