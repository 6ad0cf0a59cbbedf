import assert from "node:assert/strict";
import { test } from "node:test";
import type { Booking, Package, Slot } from "../../src/api/shapes.ts";
import { availableOf } from "../../src/money/account.ts";
import { merchantsOf } from "../../src/ticket/accounts.tsx";

const live: Package = { id: "pkg_1", available: 5, reserved: 0, valid_until: "2030-02-01T00:00:00Z", frozen: null, status: "live" };
const now = Date.parse("2030-01-01T12:00:00Z");

test("only what lives, does not rest and lasts until then can pay", () => {
  const rows: [Partial<Package>, string, number][] = [
    [{}, "2030-01-31T23:59:59Z", 5],
    [{}, "2030-02-01T00:00:00Z", 0],
    [{ valid_until: null }, "2031-01-01T00:00:00Z", 5],
    [{ status: "over" }, "2030-01-10T00:00:00Z", 0],
    [{ status: "revoked" }, "2030-01-10T00:00:00Z", 0],
    [{ frozen: { from: "2030-01-01T00:00:00Z", until: "2030-01-08T00:00:00Z" } }, "2030-01-10T00:00:00Z", 0],
    [{ frozen: { from: "2030-01-02T00:00:00Z", until: "2030-01-08T00:00:00Z" } }, "2030-01-10T00:00:00Z", 5],
  ];
  for (const [more, begins, want] of rows) {
    assert.equal(availableOf({ packages: [{ ...live, ...more }] }, Date.parse(begins), now), want, JSON.stringify(more));
  }
  assert.equal(availableOf({ packages: [live, { ...live, available: 2 }] }, now, now), 7);
  assert.equal(availableOf({ packages: [] }, now, now), 0);
});

test("a merchant is asked once, and only where something was booked for credits", () => {
  const slot = (id: string, organizer: string, placement: string | null = null): Slot => ({ id, organizer, placement }) as Slot;
  const slots = { a: slot("a", "studio"), b: slot("b", "studio"), c: slot("c", "studio", "gym"), d: slot("d", "club") };
  const booking = (of: string, credits?: Booking["credits"]): Booking => ({ slot: of, credits }) as Booking;
  const bookings = [booking("a", []), booking("b", []), booking("c", []), booking("d"), booking("unknown", [])];
  assert.deepEqual(merchantsOf(bookings, slots).map(({ organizer, placement }) => [organizer, placement]), [["studio", null], ["studio", "gym"]]);
});
