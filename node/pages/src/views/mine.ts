// The bookings that a person has of one slot, kept true: read again when something may have become of them.

import { signal } from "@preact/signals";
import { get, Unread } from "../api/ask.ts";
import { forget, signedIn } from "../api/session.ts";
import type { Booking, List } from "../api/shapes.ts";
import { Again, isOpen } from "../live/again.ts";

export class Mine {
  readonly bookings = signal<Booking[]>([]);
  /** The code with which is booked, where one is asked for or may be given. */
  readonly code = signal("");
  /** Of which something became last, for who listens. */
  readonly news = signal<Booking | null>(null);
  readonly again = new Again(
    () => this.bookings.value,
    () => this.load(),
  );

  private whose: string | null = null;
  /** How often something was taken. */
  private taken = 0;

  constructor(
    private readonly slot: string,
    /** Reads what the slot is by now: whoever was refused asks for something that is so no more. */
    readonly renew: () => void,
  ) {}

  /** What stands beside what is booked. */
  more(): { code?: string } {
    const code = this.code.value.trim();
    return code === "" ? {} : { code };
  }

  async load(): Promise<void> {
    if (signedIn.value !== this.whose) {
      // What somebody has is nothing for whoever comes after them, also while the node does not answer.
      this.whose = signedIn.value;
      this.bookings.value = [];
      this.news.value = null;
      this.taken += 1;
    }
    if (this.whose === null) {
      return;
    }
    const { taken } = this;
    try {
      const items = await this.read();
      if (taken !== this.taken) {
        // What was answered meanwhile is not taken back by what was perhaps read before.
        return this.load();
      }
      // What was there a moment ago and is over is shown once more, whoever ended it: nothing goes without a word.
      const known = new Map(this.bookings.value.map(({ id, status }) => [id, status]));
      const shown = items.filter((booking) => isOpen(booking) || known.has(booking.id)).reverse();
      this.news.value = shown.find(({ id, status }) => known.get(id) !== status) ?? this.news.value;
      this.bookings.value = shown;
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

  /** All of them, the oldest first: whoever tries out seats has had many that are over. */
  private async read(): Promise<Booking[]> {
    const items: Booking[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page: List<Booking> = await get<List<Booking>>(`/v1/slots/${this.slot}/bookings?limit=200${after && `&after=${encodeURIComponent(after)}`}`);
      items.push(...page.items);
      after = page.next;
    }
    return items;
  }

  /** What the node has just answered of one of them: a new one comes first, and every other stays where it is. */
  take(booking: Booking): void {
    this.taken += 1;
    this.news.value = booking;
    const known = this.bookings.value;
    const next = known.some(({ id }) => id === booking.id) ? known.map((one) => (one.id === booking.id ? booking : one)) : [booking, ...known];
    this.bookings.value = isOpen(booking) ? next : next.filter(({ id }) => id !== booking.id);
    this.again.plan();
  }
}
