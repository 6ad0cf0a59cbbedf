// What a person chooses on the map: each tap is asked for at once, one after the other, and what is in the way is shown where it is.

import { signal } from "@preact/signals";
import type { Booking, Slot } from "../api/shapes.ts";
import type { Act } from "../parts/act.ts";
import { early } from "../parts/early.ts";
import type { Mine } from "../views/mine.ts";

export class Choice {
  readonly asking = signal<ReadonlySet<string>>(new Set());
  readonly conflicts = signal<ReadonlySet<string>>(new Set());
  private running = false;

  constructor(
    private readonly slot: Slot,
    private readonly mine: Mine,
    private readonly act: Act,
    /** What stands beside the seats in a request that books so many. */
    private readonly beside: (quantity: number) => Record<string, unknown>,
  ) {}

  /** What is held at the moment, and may change. */
  get held(): Booking | undefined {
    return this.mine.bookings.value.find((booking) => booking.status === "held" && booking.seats !== undefined);
  }

  get seats(): readonly string[] {
    return this.held?.seats ?? [];
  }

  /** Takes a seat, or gives it back. */
  toggle(seat: string): void {
    const wanted = new Set(this.asking.value);
    if (wanted.delete(seat)) {
      this.asking.value = wanted;
      return;
    }
    wanted.add(seat);
    this.asking.value = wanted;
    this.conflicts.value = new Set();
    if (!this.running) {
      void this.run();
    }
  }

  async best(body: Record<string, unknown>): Promise<Booking | undefined> {
    this.conflicts.value = new Set();
    const ask = (): Promise<Booking | undefined> => this.act.run<Booking>(`/v1/slots/${this.slot.id}/bookings`, body);
    const booking = await early(this.slot, this.act, ask);
    if (booking) {
      this.mine.take(booking);
    }
    return booking;
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.asking.value.size > 0) {
      const wanted = [...this.asking.value];
      const booking = await this.ask(wanted);
      if (booking) {
        this.mine.take(booking);
      } else {
        this.refused();
        await this.mine.load();
      }
      const later = new Set(this.asking.value);
      wanted.forEach((seat) => later.delete(seat));
      this.asking.value = later;
    }
    this.running = false;
  }

  private ask(wanted: string[]): Promise<Booking | undefined> {
    const held = this.held;
    if (!held) {
      const body = { seats: wanted, mode: "hold", when_full: "refuse", ...this.beside(wanted.length) };
      return early(this.slot, this.act, () => this.act.run<Booking>(`/v1/slots/${this.slot.id}/bookings`, body));
    }
    const drop = wanted.filter((seat) => this.seats.includes(seat));
    const add = wanted.filter((seat) => !this.seats.includes(seat));
    if (add.length === 0 && drop.length === this.seats.length) {
      return this.act.run<Booking>(`/v1/bookings/${held.id}/cancel`);
    }
    return this.act.run<Booking>(`/v1/bookings/${held.id}/seats`, { add, drop });
  }

  private refused(): void {
    const stage = this.act.stage.value;
    if (stage.kind === "refused") {
      this.conflicts.value = new Set((stage.problem.conflicts ?? []).flatMap(({ seat }) => (seat ? [seat] : [])));
    }
  }
}
