// A client whose types are generated from the document, and who lives a sale with them: what does not fit the document does not
// compile, and what does not fit the node fails.
//
// It wants NODE (a URL), ORGANIZER and CUSTOMER (tokens).
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./document.js";

type Code = components["schemas"]["Code"];

function env(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

function client(role: "ORGANIZER" | "CUSTOMER") {
  return createClient<paths>({ baseUrl: env("NODE"), headers: { Authorization: `Bearer ${env(role)}` } });
}

/** What was answered, where it is no problem. */
function good<T>(answer: { data?: T; error?: unknown; response: Response }, status: number): T {
  assert.equal(answer.response.status, status, JSON.stringify(answer.error));
  assert(answer.data !== undefined);
  return answer.data;
}

const organizer = client("ORGANIZER");
const customer = client("CUSTOMER");
let requests = 0;
/** A key for each request, as whoever repeats them needs one. */
const key = () => ({ "Idempotency-Key": `contract-${process.pid}-${(requests += 1)}` });

// A slot: what has a default may be left out, and is always there in the answer.
const body = {
  title: "Morning yoga",
  starts_at: "2200-01-01T00:00:00Z",
  ends_at: "2200-01-01T01:00:00Z",
  inventory: { units: { capacity: 3 } },
  policy: { hold_seconds: 60, waitlist: { capacity: 1 } },
};
const first = { params: { header: key() }, body };
const made = await organizer.POST("/v1/slots", first);
const slot = good(made, 201);
assert.equal(made.response.headers.get("Location"), `/v1/slots/${slot.id}`);
assert.equal(slot.policy.hold_seconds_max satisfies number, 1_800);
assert.equal(slot.policy.waitlist?.promotion satisfies string | undefined, "confirm");
assert.equal(slot.sale.closes_at satisfies string | null, null);

// The same request again is answered as it was, and says so.
const again = await organizer.POST("/v1/slots", first);
assert.equal(good(again, 201).id, slot.id);
assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");

// Read, and read again only if it has changed. Nobody needs a token for that.
const path = { slot: slot.id };
const anyone = createClient<paths>({ baseUrl: env("NODE") });
const read = await anyone.GET("/v1/slots/{slot}", { params: { path, query: { consistency: "linearizable" } } });
assert.equal(good(read, 200).counts.free, 3);
const etag = read.response.headers.get("ETag") ?? "";
const unchanged = await anyone.GET("/v1/slots/{slot}", { params: { path, header: { "If-None-Match": etag } } });
assert.equal(unchanged.response.status, 304);

// Book, hold, extend, confirm, cancel.
const bookings = "/v1/slots/{slot}/bookings";
const sure = await customer.POST(bookings, { params: { path, header: key() }, body: { quantity: 1 } });
assert.equal(good(sure, 201).status, "confirmed" satisfies components["schemas"]["BookingStatus"]);
const wish = { quantity: 2, mode: "hold", when_full: "refuse" } as const;
const held = good(await customer.POST(bookings, { params: { path, header: key() }, body: wish }), 201);
assert.equal(held.status, "held");
assert.equal(typeof held.expires_in_ms, "number");
const act = () => ({ params: { path: { booking: held.id }, header: key() } });
const longer = good(await customer.POST("/v1/bookings/{booking}/extend", { ...act(), body: { hold_seconds: 300 } }), 200);
assert(longer.expires_at !== null && held.expires_at !== null && held.expires_at < longer.expires_at);
const asMany = good(await customer.POST("/v1/bookings/{booking}/quantity", { ...act(), body: { quantity: 2 } }), 200);
assert.deepEqual([asMany.quantity, asMany.seq], [2, longer.seq]);
assert.equal(good(await customer.POST("/v1/bookings/{booking}/confirm", act()), 200).status, "confirmed");
assert.equal(good(await customer.GET("/v1/bookings/{booking}", { params: { path: { booking: held.id } } }), 200).position, null);

// A full slot: one waits, the next is refused, with a code of which the types know every one.
const waits = await customer.POST(bookings, { params: { path, header: key() }, body: { quantity: 1 } });
assert.equal(good(waits, 202).position, 1);
const refused = await customer.POST(bookings, { params: { path, header: key() }, body: { ...wish, quantity: 1 } });
assert(refused.error);
assert.equal(refused.response.status, 409);
assert.equal(refused.error.code, "sold_out" satisfies typeof refused.error.code & Code);
// @ts-expect-error: no booking is answered so, and the types say it.
assert.notEqual(refused.error.code, "feed_gone" satisfies typeof refused.error.code);
assert.equal(typeof refused.error.seq, "number");

assert.equal(good(await customer.POST("/v1/bookings/{booking}/cancel", act()), 200).status, "cancelled");
const over = await customer.POST("/v1/bookings/{booking}/cancel", act());
assert.equal(over.error?.code, "already_over");

// Change it: what is left out stays, and null is only for what can be taken away.
const changed = await organizer.PATCH("/v1/slots/{slot}", {
  params: { path, header: key() },
  headers: { "Content-Type": "application/merge-patch+json" },
  body: { inventory: { units: { capacity: 5 } }, policy: { customer_limit: 4, waitlist: null } },
});
assert.equal(good(changed, 200).policy.hold_seconds, 60);
assert.equal(good(changed, 200).policy.waitlist, null);
// @ts-expect-error: a slot has a title.
const untitled = await organizer.PATCH("/v1/slots/{slot}", { params: { path, header: key() }, body: { title: null } });
assert.equal(untitled.response.status, 422);
assert.equal(untitled.error?.errors?.[0]?.pointer, "/title");

// Lists page by page, and the feed without a gap.
const listed: string[] = [];
for (let after: string | null = ""; after !== null; ) {
  const query = after === "" ? { limit: 1 } : { limit: 1, after };
  const page: components["schemas"]["List_Booking"] = good(await customer.GET(bookings, { params: { path, query } }), 200);
  listed.push(...page.items.map((one) => one.id));
  after = page.next;
}
assert.deepEqual(listed, [good(sure, 201).id, held.id, good(waits, 202).id]);
const slots = await anyone.GET("/v1/slots", { params: { query: { organizer: slot.organizer, status: "on_sale", limit: 200 } } });
assert(good(slots, 200).items.some((one) => one.id === slot.id));
const feed = good(await organizer.GET("/v1/slots/{slot}/feed", { params: { path, query: { after: 0 } } }), 200);
assert(typeof feed !== "string");
assert.deepEqual(feed.items.map((record) => record.seq), Array.from({ length: feed.seq }, (_, before) => before + 1));
assert.equal(feed.items[0]?.kind, "slot_created");

// The feed as a stream, as far as one event.
const stop = new AbortController();
const stream = await organizer.GET("/v1/slots/{slot}/feed", {
  params: { path, header: { "Last-Event-ID": feed.seq - 1 } },
  headers: { Accept: "text/event-stream" },
  parseAs: "stream",
  signal: stop.signal,
});
const event = new TextDecoder().decode((await stream.data?.getReader().read())?.value);
stop.abort();
assert.match(event, new RegExp(`^id: ${feed.seq}\ndata: \\{`));

const gone = await organizer.POST("/v1/slots/{slot}/cancel", { params: { path, header: key() } });
assert.equal(good(gone, 200).status, "cancelled");

// What is left for schemathesis to ask about: slots of every kind, and bookings that stand as bookings can. What may be cancelled
// is apart, or soon nothing else could be done.
const kept = { slots: [slot.id], slots_to_cancel: [slot.id], bookings: [held.id], bookings_to_cancel: [held.id], keys: ["claim-1", "claim-2"] };
const claims: Record<string, number> = {};
async function offer(capacity: number, policy: components["schemas"]["NewPolicy"]) {
  const answer = await organizer.POST("/v1/slots", {
    params: { header: key() },
    body: { ...body, inventory: { units: { capacity } }, policy },
  });
  return good(answer, 201).id;
}
async function claim(slot: string, wish: components["schemas"]["CreateBooking"]) {
  claims[slot] = (claims[slot] ?? 0) + 1;
  const header = { "Idempotency-Key": `claim-${claims[slot]}` };
  const answer = await customer.POST(bookings, { params: { path: { slot }, header }, body: wish });
  return good(answer, answer.response.status === 202 ? 202 : 201).id;
}
const open = await offer(1_000_000, {});
const theirs = await offer(1_000_000, { confirmed_by: "organizer", customer_limit: 3 });
const tight = await offer(1, { waitlist: { promotion: "offer", order: "skip_fit" } });
kept.slots.push(open, theirs, tight);
kept.bookings.push(await claim(theirs, { quantity: 1 }));
const before = await claim(tight, { quantity: 1 });
for (let count = 0; count < 5; count += 1) {
  kept.slots_to_cancel.push(await offer(1, {}));
  kept.bookings_to_cancel.push(await claim(open, { quantity: 1 }), await claim(open, { quantity: 1, mode: "hold" }));
  kept.bookings.push(await claim(open, { quantity: 2, mode: "hold" }), await claim(tight, { quantity: 1 }));
}
await customer.POST("/v1/bookings/{booking}/cancel", { params: { path: { booking: before }, header: key() } });
for (const [name, ids] of Object.entries(kept)) {
  await writeFile(`${name}.txt`, ids.map((id) => `"${id}"\n`).join(""));
}
console.log(`the generated client booked, held, extended, confirmed and cancelled: ${requests} changes`);
