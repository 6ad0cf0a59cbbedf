// The house of a slot: its map, which never changes, and the state of its seats, which always does.

import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import { get, Unread } from "../api/ask.ts";
import type { SeatChange, Seatmap, SeatState, Slot } from "../api/shapes.ts";
import { listen } from "../live/share.ts";
import type { Plan } from "./geometry.ts";
import * as seats from "./seats.ts";

export type Seats = typeof seats;

const AGAIN_MS = 4_000;

export interface Loaded {
  seats: Seats;
  plan: Plan;
  states: Uint8Array;
  areas: Signal<Record<string, { capacity: number; free: number }>>;
  /** Grows with every change, for whatever shows the seats in words. */
  version: Signal<number>;
  listen: (changed: (seats: readonly number[]) => void) => () => void;
}

export async function load(slot: Slot, map: string): Promise<Loaded> {
  const [drawn, told] = await Promise.all([
    get<Seatmap>(`/v1/seatmaps/${map}`),
    get<SeatState>(`/v1/slots/${slot.id}/seats`),
  ]);
  const plan = seats.planOf(drawn);
  const states = seats.decode(plan, told);
  const areas = signal(told.areas);
  const version = signal(0);
  let seq = told.seq;

  const follow = (changed: (seats: readonly number[]) => void): (() => void) => {
    let timer: ReturnType<typeof setTimeout> | undefined;

    /** Takes the whole map again: the stream has gone, or has left something out. */
    const renew = async (): Promise<void> => {
      clearTimeout(timer);
      try {
        const next = await get<SeatState>(`/v1/slots/${slot.id}/seats`);
        if (next.map === told.map && next.seq >= seq) {
          const fresh = seats.decode(plan, next);
          const otherwise = [...fresh.keys()].filter((seat) => fresh[seat] !== states[seat]);
          states.set(fresh);
          seq = next.seq;
          areas.value = next.areas;
          version.value += 1;
          changed(otherwise);
        }
      } catch (error) {
        if (!(error instanceof Unread)) {
          throw error;
        }
      }
    };

    const take = (change: SeatChange): void => {
      const how = seats.fits(change, seq);
      if (how === "gap") {
        void renew();
      } else if (how === "apply") {
        const otherwise: number[] = [];
        seats.apply(states, change, (seat) => otherwise.push(seat));
        seq = change.seq;
        const known = { ...areas.value };
        for (const [key, free] of Object.entries(change.areas)) {
          known[key] = { capacity: known[key]?.capacity ?? free, free };
        }
        areas.value = known;
        version.value += 1;
        changed(otherwise);
      }
    };

    const unlisten = listen(`${slot.id} seats`, () => `/v1/slots/${slot.id}/seats/feed?after=${seq}`, (heard) => {
      clearTimeout(timer);
      if (heard.kind === "event") {
        take(JSON.parse(heard.text) as SeatChange);
      } else {
        const again = (): void => {
          void renew().then(() => (timer = setTimeout(again, AGAIN_MS * (1 + Math.random()))));
        };
        again();
      }
    });
    return () => {
      clearTimeout(timer);
      unlisten();
    };
  };
  return { seats, plan, states, areas, version, listen: follow };
}
