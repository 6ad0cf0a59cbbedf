// What time it is at the node. People's clocks are wrong by minutes; a sale opens by the node's.
//
// What is measured is the difference to a counter that never jumps (`performance.now`). Whatever the node says, it said before it was
// heard: so it is that late at least, and whoever was told the quickest knows it best. A page that waits for a moment by this clock is
// late by what one way from the node takes, and never early: nobody is refused who pressed as soon as they could.

/** After so long what was heard is no better than something new: counters drift. */
const STALE_MS = 10 * 60_000;

export class Clock {
  /** What the counter lacks, at least, and when that was heard. */
  private offset = 0;
  private at = -Infinity;

  constructor(private readonly counter: () => number = () => performance.now()) {}

  /** The node's time in milliseconds since 1970: it is not earlier. */
  now(): number {
    return this.counter() + this.offset;
  }

  /** The node said that it is `then`. */
  heard(then: number): void {
    const received = this.counter();
    if (then - received >= this.offset || received - this.at > STALE_MS) {
      this.offset = then - received;
      this.at = received;
    }
  }
}

export const clock = new Clock();
