import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../src/live/clock.ts";

test("the quickest word says the time, and it is never later than the node's", () => {
  let counter = 1_000;
  const clock = new Clock(() => counter);
  assert.equal(clock.now(), 1_000);
  // At the node it is always 58,000 more than the counter counts: when something was said, and when it is heard.
  const rows: [number, number, number][] = [
    [59_000, 3_000, 59_000],
    [59_800, 2_000, 59_800],
    [62_000, 4_200, 62_000],
    // What took longer on its way says nothing new.
    [62_100, 4_900, 62_700],
    [62_950, 5_000, 62_950],
    [61_000, 6_000, 63_950],
  ];
  for (const [said, heard, now] of rows) {
    counter = heard;
    clock.heard(said);
    assert.equal(clock.now(), now);
    assert.ok(clock.now() <= counter + 58_000);
  }
});

test("after ten minutes any word is better than the old one", () => {
  let counter = 0;
  const clock = new Clock(() => counter);
  clock.heard(1_000);
  counter = 599_000;
  clock.heard(599_500);
  assert.equal(clock.now(), 600_000);
  counter = 601_000;
  clock.heard(600_500);
  assert.equal(clock.now(), 600_500);
});
