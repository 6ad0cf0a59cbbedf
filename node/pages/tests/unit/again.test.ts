import assert from "node:assert/strict";
import { test } from "node:test";
import type { Booking, Counts, Frame } from "../../src/api/shapes.ts";
import { Again, pauseOf } from "../../src/live/again.ts";

const NOBODY: Counts = { capacity: 100, free: 0, held: 0, offered: 0, confirmed: 0, waitlisted: 0 };

function frame(seq: number, counts: Partial<Counts> = {}): Frame {
  return { seq, now: "2030-01-01T00:00:00.000Z", status: "on_sale", bookable: 0, counts: { ...NOBODY, ...counts } };
}

function booking(seq: number, status: Booking["status"], position: number | null = null): Booking {
  return { seq, status, position, id: "b", slot: "s", customer: "c", quantity: 1, mode: "hold", reference: "r", expires_at: null, created_at: "" };
}

/** Takes the place of the timers, and returns how time passes. */
function timeOf(t: { after: (then: () => void) => void }): (ms: number) => Promise<void> {
  let now = 0;
  let waiting: { at: number; call: () => void }[] = [];
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((call: () => void, ms: number) => waiting.push({ at: now + ms, call })) as unknown as typeof setTimeout;
  t.after(() => {
    globalThis.setTimeout = setTimeout;
  });
  return async (ms) => {
    now += ms;
    const due = waiting.filter(({ at }) => at <= now);
    waiting = waiting.filter(({ at }) => at > now);
    due.forEach(({ call }) => call());
    await new Promise(setImmediate);
  };
}

test("whoever may learn something soon reads soon, and whoever is far behind the later", () => {
  const rows: [Booking["status"], number | null, Partial<Counts>, number][] = [
    ["waitlisted", 1, { waitlisted: 1 }, 1_000],
    ["waitlisted", 50, { waitlisted: 10_000 }, 1_000],
    ["waitlisted", 10_000, { waitlisted: 10_000 }, 200_000],
    // Fewer wait than stood in line up to there: it has moved on, or is served.
    ["waitlisted", 10_000, { waitlisted: 9_999 }, 20_000],
    ["waitlisted", 1, { waitlisted: 0 }, 2],
    ["held", null, { held: 3, confirmed: 4 }, 5_000],
    ["confirmed", null, { held: 1_000, offered: 500, confirmed: 8_500 }, 40_000],
  ];
  for (const [status, position, counts, pause] of rows) {
    assert.equal(pauseOf({ status, position }, frame(1, counts)), pause, `${status} ${position}`);
  }
});

test("ten thousand who wait, or have something, read no more than a few hundred times a second together", () => {
  const rate = (bookings: Pick<Booking, "status" | "position">[], counts: Partial<Counts>): number =>
    bookings.reduce((sum, one) => sum + 1_000 / pauseOf(one, frame(1, counts)), 0);
  const line = Array.from({ length: 10_000 }, (_, i) => ({ status: "waitlisted" as const, position: i + 1 }));
  assert.ok(rate(line, { waitlisted: 10_000 }) < 400);
  assert.ok(rate(Array(10_000).fill({ status: "confirmed", position: null }), { confirmed: 10_000 }) < 400);
});

test("it is read again once while the slot changes all the time, and until it is as new as the slot", async (t) => {
  const pass = timeOf(t);
  let own: Booking[] = [booking(5, "waitlisted", 2)];
  let reads = 0;
  let answer: Booking[] | undefined;
  const again = new Again(
    () => own,
    () => {
      reads += 1;
      own = answer ?? own;
      return Promise.resolve();
    },
  );
  // What it was made by is nothing new.
  again.plan(frame(5, { waitlisted: 4 }));
  await pass(60_000);
  assert.equal(reads, 0);
  // A frame every tenth of a second puts nothing off.
  for (let seq = 6; seq < 36; seq += 1) {
    again.plan(frame(seq, { waitlisted: 4 }));
    await pass(100);
  }
  assert.ok(reads >= 1 && reads <= 6, `${reads}`);
  // No answer came: it is asked again, though nothing more changes.
  const before = reads;
  await pass(10_000);
  assert.equal(reads, before + 1);
  answer = [booking(35, "held")];
  await pass(10_000);
  assert.equal(reads, before + 2);
  await pass(600_000);
  assert.equal(reads, before + 2);
  // What is over is never read again.
  own = [booking(36, "expired")];
  again.plan(frame(40));
  await pass(600_000);
  assert.equal(reads, before + 2);
});

test("a node that does not answer is asked less and less often, even by who is certain that something became of it", async (t) => {
  const pass = timeOf(t);
  let own = [booking(5, "waitlisted", 1)];
  let [reads, answers] = [0, false];
  const again = new Again(
    () => own,
    () => {
      reads += 1;
      own = answers ? [booking(reads + 10, "waitlisted", 1)] : own;
      return Promise.resolve();
    },
  );
  again.plan(frame(9, { waitlisted: 0 }));
  for (let times = 0; times < 3_000; times += 1) {
    await pass(10);
  }
  assert.ok(reads >= 3 && reads < 20, `${reads} in half a minute`);
  // Once it answers, nobody is slower than they were.
  answers = true;
  await pass(10_000);
  const before = reads;
  again.plan(frame(1_000, { waitlisted: 0 }));
  await pass(5);
  assert.equal(reads, before + 1);
});
