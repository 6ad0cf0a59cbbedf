// An order as its customer meets it: what it waits for, and where it is paid.

import type { Booking, Order } from "../api/shapes.ts";

/** What is to be said of an order's payment; null where nothing has come of it yet. */
export type Said = "declined" | "underWay" | { payment: string } | null;

const DECLINED: readonly string[] = ["declined", "failed", "cancelled", "voided", "expired"];

export function saidOf({ status, payment, attempt }: Order): Said {
  if (payment !== "open" && payment !== "none") {
    return { payment };
  }
  if (attempt === null || payment === "none" || status !== "held") {
    return null;
  }
  return DECLINED.includes(attempt.status) ? "declined" : "underWay";
}

/** Whether something more becomes of it without anybody's doing. */
export function isMoving(order: Order): boolean {
  const waits = order.status === "collecting" || (order.status === "held" && order.attempt !== null) || order.settled === false;
  return waits || order.payment === "authorised" || order.payment === "refund_pending";
}

/** Whether it may be paid now. A try that is under way may be left for another: only one of them is taken. */
export function mayPay({ status, payment }: Order): boolean {
  return status === "held" && payment === "open";
}

/** The booking of an order that a page shows, as the order has it. */
export function ownOf({ items }: Order, id: string): { index: number; booking: Booking | undefined } {
  const index = items.findIndex(({ booking }) => booking?.id === id);
  return { index, booking: items[index]?.booking };
}

/** What a provider's page is called, if it is a page at all: nothing else is followed. */
export function pageOf(redirect: string | undefined, here: string): string | null {
  try {
    const { protocol, href } = new URL(redirect ?? "", here);
    return redirect && (protocol === "https:" || protocol === "http:") ? href : null;
  } catch {
    // It is no address.
    return null;
  }
}
