// The bookings that a person has of one slot, kept true: read again when something may have become of them.

import { signal } from "@preact/signals";
import { get, Unread } from "../api/ask.ts";
import { forget, signedIn } from "../api/session.ts";
import type { Booking, BookingStatus, Frame, List } from "../api/shapes.ts";

const OPEN: readonly BookingStatus[] = ["held", "offered", "waitlisted", "confirmed"];
/** Those who wait read again when somebody was served, not all in the same moment. */
const JITTER_MS_EACH = 2;
const JITTER_MS_MAX = 3_000;

export function isOpen(booking: Booking): boolean {
  return OPEN.includes(booking.status);
}

export class Mine {
  readonly bookings = signal<Booking[]>([]);
  private served = -1;
  private seen = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly slot: string) {}

  async load(): Promise<void> {
    if (signedIn.value === null) {
      this.bookings.value = [];
      return;
    }
    try {
      const { items } = await get<List<Booking>>(`/v1/slots/${this.slot}/bookings?limit=50`);
      // What was open a moment ago and lapsed is shown once more: nothing goes without a word.
      const known = new Set(this.bookings.value.map((booking) => booking.id));
      this.bookings.value = items.filter((booking) => isOpen(booking) || (booking.status === "expired" && known.has(booking.id))).reverse();
    } catch (error) {
      if (!(error instanceof Unread)) {
        throw error;
      }
      if (error.problem.status === 401) {
        forget();
      }
    }
  }

  /** What the node has just answered of one of them. */
  take(booking: Booking): void {
    const others = this.bookings.value.filter((one) => one.id !== booking.id);
    this.bookings.value = isOpen(booking) ? [booking, ...others] : others;
  }

  /** The slot changed: perhaps somebody who waits was served. */
  heard(frame: Frame): void {
    const waits = this.bookings.value.some((booking) => booking.status === "waitlisted");
    const served = frame.waitlist?.served ?? frame.seq;
    const news = served !== this.served;
    this.served = served;
    if (news && waits && frame.seq > this.seen) {
      this.seen = frame.seq;
      clearTimeout(this.timer);
      const spread = Math.min(JITTER_MS_MAX, frame.counts.waitlisted * JITTER_MS_EACH);
      this.timer = setTimeout(() => void this.load(), spread * Math.random());
    }
  }
}
