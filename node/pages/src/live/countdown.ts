// What is left until a moment, in steps that do not press people: days, hours, minutes, and seconds only at the end.

import type { ReadonlySignal } from "@preact/signals";
import { signal } from "@preact/signals";
import { clock } from "./clock.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Left =
  | { unit: "day" | "hour" | "minute"; count: number }
  | { unit: "clock"; minutes: number; seconds: number }
  | { unit: "over" };

/** From here on it ticks by the second. */
const TICKING_MS = 5 * MINUTE;

/** How what is left is said. Never less than there is: "1 minute" while more than none is left. */
export function leftOf(ms: number): Left {
  if (ms <= 0) {
    return { unit: "over" };
  }
  if (ms <= TICKING_MS) {
    const seconds = Math.ceil(ms / SECOND);
    return { unit: "clock", minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
  }
  if (ms < 2 * HOUR) {
    return { unit: "minute", count: Math.ceil(ms / MINUTE) };
  }
  if (ms < 2 * DAY) {
    return { unit: "hour", count: Math.floor(ms / HOUR) };
  }
  return { unit: "day", count: Math.floor(ms / DAY) };
}

/** What is said aloud on the way, in milliseconds that are left. */
export const ANNOUNCED: readonly number[] = [5 * MINUTE, MINUTE, 20 * SECOND];

/** The moment among `ANNOUNCED` that was just passed, if one was: each is said once, and one that was over from the start never. */
export function passed(before: number, after: number): number | undefined {
  return ANNOUNCED.findLast((moment) => after > 0 && before > moment && after <= moment);
}

const beat = signal(clock.now());
let beating: ReturnType<typeof setTimeout> | undefined;

/** The moment that is waited for next, to the millisecond. */
let awaited = 0;

/** The node's time, which moves on the turn of each of its seconds while somebody looks, and at the moments that they wait for. */
export function ticking(until = 0): ReadonlySignal<number> {
  if (until > beat.value && (until < awaited || awaited <= beat.value)) {
    awaited = until;
  }
  if (beating === undefined) {
    tick();
  }
  return beat;
}

function tick(): void {
  const now = clock.now();
  beat.value = now;
  const turn = SECOND - (now % SECOND) + 5;
  beating = setTimeout(tick, awaited > now ? Math.min(turn, awaited - now + 1) : turn);
}
