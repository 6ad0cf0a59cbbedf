// The bookings that a person has of one slot, kept true: read again when something may have become of them.

import { signal } from "@preact/signals";
import { get, Unread } from "../api/ask.ts";
import { forget, signedIn } from "../api/session.ts";
import type { Booking, List } from "../api/shapes.ts";
import { Again, isOpen } from "../live/again.ts";

export class Mine {
  readonly bookings = signal<Booking[]>([]);
  readonly again = new Again(
    () => this.bookings.value,
    () => this.load(),
  );

  /** How often something was taken. */
  private taken = 0;

  constructor(private readonly slot: string) {}

  async load(): Promise<void> {
    if (signedIn.value === null) {
      this.bookings.value = [];
      return;
    }
    const { taken } = this;
    try {
      const { items } = await get<List<Booking>>(`/v1/slots/${this.slot}/bookings?limit=50`);
      if (taken !== this.taken) {
        // What was answered meanwhile is not taken back by what was perhaps read before.
        return this.load();
      }
      // What was open a moment ago and lapsed is shown once more: nothing goes without a word.
      const known = new Set(this.bookings.value.map((booking) => booking.id));
      this.bookings.value = items.filter((booking) => isOpen(booking) || (booking.status === "expired" && known.has(booking.id))).reverse();
      this.again.plan();
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
    this.taken += 1;
    const others = this.bookings.value.filter((one) => one.id !== booking.id);
    this.bookings.value = isOpen(booking) ? [booking, ...others] : others;
    this.again.plan();
  }
}
