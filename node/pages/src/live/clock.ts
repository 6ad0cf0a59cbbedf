// What time it is at the node. People's clocks are wrong by minutes; a sale opens by the node's.
//
// What is measured is the difference to a counter that never jumps (`performance.now`). An answer that says the node's time is true to
// half of what its way there and back took, so the quickest one counts; what was only heard (an event of a stream) says the least that
// the time can be.

/** After so long a measurement is no better than a new one: counters drift. */
const STALE_MS = 10 * 60_000;
/** What is assumed of a time that came with the page itself. */
const PAGE_TRIP_MS = 4_000;

interface Measurement {
  offset: number;
  trip: number;
  at: number;
}

export class Clock {
  private best: Measurement | undefined;

  constructor(private readonly counter: () => number = () => performance.now()) {}

  /** The node's time in milliseconds since 1970, as well as it is known. */
  now(): number {
    return this.counter() + (this.best?.offset ?? 0);
  }

  /** The node said `then` in an answer to what was sent at `sent` (as the counter counts). */
  answered(then: number, sent: number): void {
    const received = this.counter();
    const trip = Math.max(0, received - sent);
    const stale = this.best === undefined || received - this.best.at > STALE_MS;
    if (stale || trip <= (this.best?.trip ?? Infinity)) {
      this.best = { offset: then + trip / 2 - received, trip, at: received };
    }
  }

  /** The node said `then` at some time before now: it is not earlier than that. */
  heard(then: number): void {
    const received = this.counter();
    if (this.best === undefined) {
      this.best = { offset: then - received, trip: PAGE_TRIP_MS, at: received };
    } else if (then > received + this.best.offset) {
      this.best = { ...this.best, offset: then - received };
    }
  }
}

export const clock = new Clock();
