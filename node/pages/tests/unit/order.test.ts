import assert from "node:assert/strict";
import { test } from "node:test";
import type { Booking, Order } from "../../src/api/shapes.ts";
import { isMoving, mayPay, ownOf, pageOf, saidOf } from "../../src/money/order.ts";

const open: Order = { id: "ord_1", status: "held", payment: "open", items: [], attempt: null, seq: 1 };
const tried = (status: string): Partial<Order> => ({ attempt: { status } });

test("what is said of a payment, whether more becomes of it, and whether it may be paid", () => {
  const rows: [Partial<Order>, unknown, boolean, boolean][] = [
    [{}, null, false, true],
    [{ status: "collecting" }, null, true, false],
    [tried("pending"), "underWay", true, true],
    // What a newer node calls a try is not a refusal.
    [tried("requires_action"), "underWay", true, true],
    [tried("declined"), "declined", true, true],
    [{ ...tried("authorised"), payment: "authorised" }, { payment: "authorised" }, true, false],
    [{ ...tried("authorised"), payment: "paid", status: "confirmed", settled: false }, { payment: "paid" }, true, false],
    [{ ...tried("authorised"), payment: "paid", status: "confirmed" }, { payment: "paid" }, false, false],
    [{ status: "cancelled", payment: "refund_pending" }, { payment: "refund_pending" }, true, false],
    [{ ...tried("pending"), status: "expired" }, null, false, false],
    [{ status: "confirmed", payment: "none" }, null, false, false],
  ];
  for (const [more, said, moves, may] of rows) {
    const order = { ...open, ...more };
    assert.deepEqual([saidOf(order), isMoving(order), mayPay(order)], [said, moves, may], JSON.stringify(more));
  }
});

test("only a page is followed", () => {
  const here = "https://shop.example/bookings/bkg_1";
  const rows: [string | undefined, string | null][] = [
    ["https://pay.example/x?y", "https://pay.example/x?y"],
    ["/simulated/ord_1", "https://shop.example/simulated/ord_1"],
    ["javascript:alert(1)", null],
    ["data:text/html,x", null],
    ["http://", null],
    ["", null],
    [undefined, null],
  ];
  for (const [redirect, page] of rows) {
    assert.equal(pageOf(redirect, here), page, redirect);
  }
});

test("the booking that a page shows is found among those of its order", () => {
  const items = [{}, { booking: { id: "bkg_1" } as Booking }, { booking: { id: "bkg_2" } as Booking }];
  assert.deepEqual([ownOf({ ...open, items }, "bkg_2").index, ownOf({ ...open, items }, "bkg_3").booking], [2, undefined]);
});
