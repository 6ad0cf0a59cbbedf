// What a person has of a slot is read again when the slot has changed, for what changed may be theirs. In a drop it changes all the
// time, and thousands look at it: so nobody reads more often than they may learn something, and all of them together only so often.

import { pause } from "../api/outcome.ts";
import type { Booking, BookingStatus, Frame } from "../api/shapes.ts";

const OPEN: readonly BookingStatus[] = ["held", "offered", "waitlisted", "confirmed"];

/** Who is at the head of a line reads again after about so long, and whoever is far behind the later. */
const WAITS_MS = 1_000;
const WAITS_MS_EACH = 20;
/** Only somebody else could have changed what one has: an organizer. */
const HAS_MS = 5_000;
/** Whoever has something may be looking. */
const LOOKS_MS_EACH = 4;
/** Who is certain that something became of it: fewer wait than stood in line up to there. */
const SURE_MS_EACH = 2;

export function isOpen({ status }: Booking): boolean {
  return OPEN.includes(status);
}

/** How long to wait before a booking is read again, on average: all who do so read a few hundred times a second together. */
export function pauseOf({ status, position }: Pick<Booking, "status" | "position">, { counts }: Pick<Frame, "counts">): number {
  if (status === "waitlisted" && position !== null) {
    return counts.waitlisted < position ? position * SURE_MS_EACH : Math.max(WAITS_MS, position * WAITS_MS_EACH);
  }
  return spread(HAS_MS, { counts });
}

/** At least so long, and the longer the more there are who may be looking: all of them read a few hundred times a second together. */
export function spread(least: number, { counts }: Pick<Frame, "counts">): number {
  return Math.max(least, (counts.held + counts.offered + counts.confirmed) * LOOKS_MS_EACH);
}

export class Again {
  private frame: Frame | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** How often in a row nothing was learnt: a node that cannot answer is not asked all the faster. */
  private vain = 0;

  constructor(
    private readonly own: () => readonly Booking[],
    private readonly read: () => Promise<unknown>,
  ) {}

  /** The slot is as this says, or one's own bookings are others: both say a seq at which that is true. */
  plan(frame = this.frame): void {
    this.frame = frame;
    const open = this.own().filter(isOpen);
    if (frame && this.timer === undefined && open.some(({ seq }) => seq < frame.seq)) {
      const soon = Math.min(...open.map((booking) => pauseOf(booking, frame))) * (0.5 + Math.random());
      const later = this.vain === 0 ? 0 : pause(this.vain, Math.random());
      this.timer = setTimeout(() => void this.turn(), Math.max(soon, later));
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.frame = undefined;
  }

  private async turn(): Promise<void> {
    const before = this.known();
    try {
      await this.read();
    } finally {
      this.timer = undefined;
    }
    this.vain = this.known() === before ? this.vain + 1 : 0;
    // What was not read is tried again, and so is what changed meanwhile.
    this.plan();
  }

  /** At which seq what one has is known, of all that is open. */
  private known(): string {
    return this.own().filter(isOpen).map(({ seq }) => seq).join();
  }
}
