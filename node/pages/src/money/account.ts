// What a person has with an organizer.

import type { Account, Package } from "../api/shapes.ts";

/** Whether a package can pay at a moment for what begins at another: it lives, does not rest, and lasts until then. */
export function isUsable({ status, frozen, valid_until }: Package, begins: number, now: number): boolean {
  const rests = frozen !== null && Date.parse(frozen.from) <= now && now < Date.parse(frozen.until);
  return status === "live" && !rests && (valid_until === null || begins < Date.parse(valid_until));
}

/** How many credits there are for what begins then. */
export function availableOf({ packages }: Account, begins: number, now: number): number {
  return packages.filter((one) => isUsable(one, begins, now)).reduce((sum, { available }) => sum + available, 0);
}
