import assert from "node:assert/strict";
import { test } from "node:test";
import { priceOf, totalOf } from "../../src/api/price.ts";
import type { Slot } from "../../src/api/shapes.ts";

const row = { product: null, category: null, amount: 0, from: null, until: null };
const slot = {
  prices: [
    { ...row, product: "child", amount: 500 },
    { ...row, amount: 900, until: "2030-01-01T00:00:00.000Z" },
    { ...row, category: "a", amount: 2_000 },
  ],
} as unknown as Slot;
const early = Date.parse("2029-12-31T23:59:59.999Z");
const late = early + 1;

test("the first row that is for it and open holds", () => {
  const rows: [string | null, string | null, number, number | null][] = [
    ["child", "a", early, 500],
    ["adult", "a", early, 900],
    ["adult", "a", late, 2_000],
    ["adult", "b", late, null],
  ];
  for (const [product, category, now, price] of rows) {
    assert.equal(priceOf(slot, product, category, now), price);
  }
  assert.equal(priceOf({ ...slot, prices: null }, "adult", null, late), undefined);
});

test("a total is known where every price is", () => {
  const lines = [
    { product: "child", quantity: 2 },
    { product: "adult", quantity: 1 },
  ];
  assert.equal(totalOf(slot, lines, null, early), 1_900);
  assert.equal(totalOf(slot, lines, "b", late), undefined);
});
