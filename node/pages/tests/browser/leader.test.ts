// A purchase in the middle of which nodes are killed, with a real cluster: the page goes on at another node, says what it knows
// meanwhile, and what was asked for happens once.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { startCluster } from "./cluster.ts";
import { offer } from "./node.ts";
import { arrive, person, stage } from "./person.ts";

const { node: cluster, browser } = await stage(startCluster);

interface Booking {
  id: string;
  status: string;
  quantity: number;
}

/** Does something at the first request to such an address, which gets no answer; the keys of all of them. */
async function atTheFirst(page: Page, path: string, strike: () => Promise<void>): Promise<(string | undefined)[]> {
  const keys: (string | undefined)[] = [];
  await page.route(path, async (route) => {
    if (route.request().method() !== "POST") {
      return route.continue();
    }
    if (keys.push(route.request().headers()["idempotency-key"]) > 1) {
      return route.continue();
    }
    // One arrives, and its answer does not; the other does not even arrive.
    if (path.endsWith("/bookings")) {
      const answer = await route.fetch();
      assert.equal(answer.status(), 201);
    }
    await strike();
    return route.abort("connectionreset");
  });
  return keys;
}

test("the leader is killed in the middle of a purchase, and the next one too: it goes on, and happens once", async () => {
  const slot = await offer(cluster, { title: "Regatta", inventory: { units: { capacity: 9 } } });
  const ada = await person(browser, cluster);
  const { page } = ada;
  await arrive(ada, cluster.customer("ada"));
  await page.goto(`/slots/${slot}`);
  const mayBeDone = page.locator(".said.wait", { hasText: "It may be done already" });
  const killed: number[] = [];
  const killLeader = async (): Promise<void> => {
    const leader = await cluster.leader();
    cluster.door.shut();
    await cluster.kill(leader);
    killed.push(leader);
  };
  const once = (keys: (string | undefined)[]): void =>
    assert.ok(keys.length > 1 && keys.every((key) => key !== undefined && key === keys[0]), `asked with ${keys.join()}`);

  cluster.door.lead(await cluster.leader());
  const holds = await atTheFirst(page, `**/v1/slots/${slot}/bookings`, killLeader);
  await page.getByRole("button", { name: "Hold 1 place" }).click();
  await mayBeDone.waitFor();
  // The page's own node is gone, and another one takes its place.
  cluster.door.open();
  await page.locator(".stub[data-status=held]").waitFor();
  once(holds);

  cluster.door.lead(await cluster.leader());
  const confirms = await atTheFirst(page, "**/confirm", killLeader);
  await page.getByRole("button", { name: "Confirm" }).click();
  await mayBeDone.waitFor();
  // One of three is left: it can say nothing, and the page says no more than it knows.
  cluster.door.open();
  await page.waitForResponse((response) => response.url().endsWith("/confirm") && response.status() === 503);
  await mayBeDone.waitFor();
  assert.equal(await page.locator(".stub[data-status=held]").count(), 1);
  await cluster.again(killed[0]!);
  await page.locator(".stub[data-status=confirmed]").waitFor();
  once(confirms);

  const { items } = await cluster.ask<{ items: Booking[] }>(cluster.customer("ada"), `/v1/slots/${slot}/bookings`);
  assert.deepEqual(items.map(({ status, quantity }) => [status, quantity]), [["confirmed", 1]]);
  // What is live is live again, from whichever node.
  await cluster.ask(cluster.customer("zoe"), `/v1/slots/${slot}/bookings`, { quantity: 2 });
  await page.locator("[data-count=free]", { hasText: "6" }).waitFor();
  await page.getByRole("link", { name: "Ticket" }).click();
  await page.locator(".code svg.qr").waitFor();
  // That connections broke is what happened; nothing else did.
  assert.deepEqual(ada.complaints.filter((text) => !text.includes("net::ERR_")), []);
  await ada.context.close();
});
