// What a person chooses on the map: each tap is asked for at once, one after the other, and what is in the way is shown where it is.

import { signal } from "@preact/signals";
import type { Booking, Line, Slot } from "../api/shapes.ts";
import type { Act } from "../parts/act.ts";
import { early } from "../parts/early.ts";
import { showMine } from "../parts/show.ts";
import type { Mine } from "../views/mine.ts";

export class Choice {
  readonly asking = signal<ReadonlySet<string>>(new Set());
  readonly conflicts = signal<ReadonlySet<string>>(new Set());
  private running = false;

  constructor(
    private readonly slot: Slot,
    private readonly mine: Mine,
    /** What becomes of taps, and of what is booked otherwise: a tap never waits for the other, nor is it lost. */
    private readonly act: Act,
    private readonly other: Act,
    /** What stands beside the seats in a request that books so many. */
    private readonly beside: (quantity: number) => { lines?: Line[] },
  ) {}

  /** What is held at the moment, and may change. */
  private get held(): readonly Booking[] {
    return this.mine.bookings.value.filter((booking) => booking.status === "held" && (booking.seats?.length ?? 0) > 0);
  }

  get seats(): readonly string[] {
    return this.held.flatMap((booking) => booking.seats ?? []);
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

  /** Books what is chosen otherwise: the best seats, or places of an area. */
  async book(body: Record<string, unknown>): Promise<Booking | undefined> {
    this.conflicts.value = new Set();
    const ask = (): Promise<Booking | undefined> => this.other.run<Booking>(`/v1/slots/${this.slot.id}/bookings`, body);
    const booking = await early(this.slot, this.other, ask);
    if (booking) {
      this.mine.take(booking);
      showMine();
    }
    return booking;
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      await this.askAll();
    } finally {
      this.running = false;
    }
  }

  private async askAll(): Promise<void> {
    for (;;) {
      const first = [...this.asking.value][0];
      if (first === undefined) {
        break;
      }
      const wanted = this.together(first);
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
  }

  private owner(seat: string): Booking | undefined {
    return this.held.find((booking) => booking.seats?.includes(seat));
  }

  /** What of all that is wanted can be asked for with this one: what is of the same booking, or of none yet. */
  private together(seat: string): string[] {
    const owner = this.owner(seat);
    return [...this.asking.value].filter((other) => this.owner(other)?.id === owner?.id);
  }

  private ask(wanted: string[]): Promise<Booking | undefined> {
    const owner = this.owner(wanted[0]!);
    if (owner) {
      return wanted.length === owner.seats?.length
        ? this.act.run<Booking>(`/v1/bookings/${owner.id}/cancel`)
        : this.act.run<Booking>(`/v1/bookings/${owner.id}/seats`, { add: [], drop: wanted });
    }
    const more = this.beside(wanted.length);
    // Seats that are added to a booking are of the product that it has.
    const product = more.lines?.[0]?.product;
    const like = this.held.find((booking) => booking.lines?.[0]?.product === product && (booking.lines?.length ?? 1) === 1);
    if (like) {
      return this.act.run<Booking>(`/v1/bookings/${like.id}/seats`, { add: wanted, drop: [] });
    }
    const body = { seats: wanted, mode: "hold", when_full: "refuse", ...more };
    return early(this.slot, this.act, () => this.act.run<Booking>(`/v1/slots/${this.slot.id}/bookings`, body));
  }

  private refused(): void {
    const stage = this.act.stage.value;
    if (stage.kind === "refused") {
      this.conflicts.value = new Set((stage.problem.conflicts ?? []).flatMap(({ seat }) => (seat ? [seat] : [])));
    }
  }
}
