import assert from "node:assert/strict";
import { test } from "node:test";
import { leftOf, passed } from "../../src/live/countdown.ts";

const MINUTE = 60_000;

test("what is left is said in minutes until the last five, then in seconds", () => {
  const rows: [number, unknown][] = [
    [0, { unit: "over" }],
    [-5, { unit: "over" }],
    [1, { unit: "clock", minutes: 0, seconds: 1 }],
    [59_001, { unit: "clock", minutes: 1, seconds: 0 }],
    [5 * MINUTE, { unit: "clock", minutes: 5, seconds: 0 }],
    [5 * MINUTE + 1, { unit: "minute", count: 6 }],
    [119 * MINUTE, { unit: "minute", count: 119 }],
    [150 * MINUTE, { unit: "hour", count: 2 }],
    [49 * 60 * MINUTE, { unit: "day", count: 2 }],
  ];
  for (const [ms, left] of rows) {
    assert.deepEqual(leftOf(ms), left, `${ms}`);
  }
});

test("each moment is said once, the last one passed, and none after the end", () => {
  const rows: [number, number, number | undefined][] = [
    [301_000, 300_000, 300_000],
    [300_000, 299_000, undefined],
    [60_500, 59_500, 60_000],
    [20_001, 20_000, 20_000],
    [400_000, 15_000, 20_000],
    [10_000, 9_000, undefined],
    [21_000, -1, undefined],
  ];
  for (const [before, after, moment] of rows) {
    assert.equal(passed(before, after), moment, `${before} to ${after}`);
  }
});
