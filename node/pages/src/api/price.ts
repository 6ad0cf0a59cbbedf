// What a place costs: the first row of the prices that is for it and open holds, as the node decides it.

import type { Line, Price, Slot } from "./shapes.ts";

/** The price of one place in minor units; null where none is open; undefined where the slot has no prices at all. */
export function priceOf(slot: Slot, product: string | null, category: string | null, now: number): number | null | undefined {
  const prices = slot.prices;
  if (!prices || prices.length === 0) {
    return undefined;
  }
  return prices.find((price) => isFor(price, product, category) && isOpen(price, now))?.amount ?? null;
}

function isFor(price: Price, product: string | null, category: string | null): boolean {
  return (price.product === null || price.product === product) && (price.category === null || price.category === category);
}

function isOpen(price: Price, now: number): boolean {
  const begun = price.from === null || Date.parse(price.from) <= now;
  return begun && (price.until === null || now < Date.parse(price.until));
}

/** What all of it costs, or undefined where nothing has a price or one of the prices is not known. */
export function totalOf(slot: Slot, lines: readonly Line[], category: string | null, now: number): number | undefined {
  let total = 0;
  for (const { product, quantity } of lines) {
    const price = priceOf(slot, product, category, now);
    if (price === undefined || price === null) {
      return undefined;
    }
    total += price * quantity;
  }
  return total;
}
