// What is one's own: all bookings of a person, also where the server does not answer at first, or somebody else comes after them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { offer, start } from "./node.ts";
import { arrive, person, signIn, stage } from "./person.ts";

const { node, browser } = await stage(start);

test("bookings that cannot be read at first are shown as soon as they can, and what is over is not coming up", async () => {
  const [coming, past] = [await offer(node, { title: "Coming", inventory: { units: { capacity: 3 } } }), await offer(node, { title: "Past", inventory: { units: { capacity: 3 } } })];
  const eli = await person(browser, node);
  await signIn(eli, "eli");
  await eli.page.locator(".empty").waitFor();
  for (const slot of [coming, past]) {
    await node.ask(node.customer("eli"), `/v1/slots/${slot}/bookings`, { quantity: 1 });
  }
  let refused = 0;
  await eli.page.route("**/v1/me/bookings*", (route) => (refused++ < 1 ? route.fulfill({ status: 503, json: { code: "overloaded" } }) : route.continue()));
  await eli.page.route(`**/v1/slots/${past}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), starts_at: "2020-01-01T10:00:00.000Z", ends_at: "2020-01-01T11:00:00.000Z" } });
  });
  await eli.page.goto("/bookings");
  await eli.page.locator(".said.refused", { hasText: "This page will try again" }).waitFor();
  const over = eli.page.locator(".group").filter({ has: eli.page.getByRole("heading", { name: "Over" }) });
  await over.getByRole("link", { name: "Past" }).waitFor();
  const ahead = eli.page.locator(".group").filter({ has: eli.page.getByRole("heading", { name: "Coming up" }) });
  assert.equal(await ahead.locator(".row").count(), 1);
  await ahead.getByRole("link", { name: "Coming" }).waitFor();
  assert.equal(await eli.page.locator(".said.refused").textContent(), "");

  assert.equal(await eli.page.locator(".who-name").textContent(), "eli");
  // Whoever signs in after them, in another tab, sees nothing of it here.
  const other = await eli.context.newPage();
  await other.goto("/session");
  await other.fill("input[name=name]", "flo");
  await other.press("input[name=name]", "Enter");
  await eli.page.getByRole("heading", { name: "No bookings yet" }).waitFor();
  assert.equal(await eli.page.locator(".row").count(), 0);
  await eli.context.close();
});

test("a link makes somebody else of nobody who did not say so, and its token does not stay in the address", async () => {
  const gil = await person(browser, node);
  await arrive(gil, node.customer("gil"));
  await gil.page.locator(".empty").waitFor();
  // The same person, with a newer token, is asked nothing.
  await arrive(gil, node.customer("gil"));
  await gil.page.goto("about:blank");
  await gil.page.goto(`/session?next=/bookings#token=${node.customer("mallory")}`);
  await gil.page.getByText("This link signs you in as mallory.").waitFor();
  assert.equal(await gil.page.evaluate(() => location.hash), "");
  assert.equal(await gil.page.evaluate(() => localStorage.getItem("boxoffice.subject")), "gil");
  await gil.page.locator(".panel", { hasText: "mallory" }).getByRole("button", { name: "Sign in" }).click();
  await gil.page.waitForURL(({ pathname }) => pathname === "/bookings");
  assert.equal(await gil.page.evaluate(() => localStorage.getItem("boxoffice.subject")), "mallory");
  await gil.context.close();
});

test("who signs in where the server does not answer is told so, and may try again", async () => {
  const una = await person(browser, node);
  await una.page.goto("/session?next=/bookings");
  await una.page.route("**/session", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await una.page.fill("input[name=name]", "una");
  await una.page.press("input[name=name]", "Enter");
  await una.page.locator(".said.refused", { hasText: "The server does not answer" }).waitFor();
  await una.page.unrouteAll({ behavior: "ignoreErrors" });
  await una.page.getByRole("button", { name: "Sign in" }).click();
  await una.page.waitForURL(({ pathname }) => pathname === "/bookings");
  await una.context.close();
});

test("nobody is shown what somebody else has, also while the node does not answer", async () => {
  const slot = await offer(node, { title: "Shared", inventory: { units: { capacity: 5 } } });
  const { id } = await node.ask<{ id: string }>(node.customer("rae"), `/v1/slots/${slot}/bookings`, { quantity: 1 });
  const rae = await person(browser, node);
  await signIn(rae, "rae");
  await rae.page.goto(`/slots/${slot}`);
  await rae.page.locator(".stub").waitFor();
  const ticket = await rae.context.newPage();
  await ticket.goto(`/bookings/${id}`);
  await ticket.locator(".stub[data-status=confirmed]").waitFor();
  const other = await rae.context.newPage();
  await rae.page.route(`**/v1/slots/${slot}/bookings*`, (route) => route.fulfill({ status: 503, json: { code: "overloaded" } }));
  await other.goto("/session");
  await other.fill("input[name=name]", "tim");
  await other.press("input[name=name]", "Enter");
  await rae.page.locator(".stub").waitFor({ state: "detached" });
  await ticket.locator(".stub").waitFor({ state: "detached" });
  await rae.context.close();
});
