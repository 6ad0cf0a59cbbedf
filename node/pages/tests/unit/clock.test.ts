import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../src/live/clock.ts";

test("the quickest answer says the time, and what was heard says the least that it can be", () => {
  let counter = 1_000;
  const clock = new Clock(() => counter);
  assert.equal(clock.now(), 1_000);

  clock.heard(50_000);
  assert.equal(clock.now(), 50_000);

  // There and back in 200: the answer was written half of that ago.
  counter = 2_200;
  clock.answered(60_000, 2_000);
  assert.equal(clock.now(), 60_100);

  // A slower answer changes nothing, a quicker one does.
  counter = 4_000;
  clock.answered(99_999, 3_000);
  assert.equal(clock.now(), 61_900);
  clock.answered(62_000, 3_980);
  assert.equal(clock.now(), 62_010);

  // What was said before now is no reason to go back, and one to go on.
  clock.heard(61_000);
  assert.equal(clock.now(), 62_010);
  clock.heard(62_500);
  assert.equal(clock.now(), 62_500);
});

test("after ten minutes any answer is better than the old one", () => {
  let counter = 0;
  const clock = new Clock(() => counter);
  clock.answered(1_000, 0);
  counter = 601_000;
  clock.answered(700_000, 600_000);
  assert.equal(clock.now(), 700_500);
});
