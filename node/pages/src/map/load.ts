// The house of a slot: its map, which never changes, and the state of its seats, which always does.

import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import { get, sleep, Unread } from "../api/ask.ts";
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
    let [streams, polling, renewing, over] = [true, false, false, false];

    /** Takes the whole map again: the stream has gone, or has left something out. What it leaves out meanwhile is read with the next. */
    const renew = async (): Promise<void> => {
      if (renewing || over) {
        return;
      }
      renewing = true;
      try {
        const next = await get<SeatState>(`/v1/slots/${slot.id}/seats`);
        if (!over && next.map === told.map && next.seq >= seq) {
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
      } finally {
        renewing = false;
      }
    };

    /** Reads it every few seconds while nobody streams it and somebody looks. */
    const poll = async (): Promise<void> => {
      if (polling) {
        return;
      }
      polling = true;
      while (!streams && !over) {
        if (!document.hidden) {
          await renew();
        }
        await sleep(AGAIN_MS * (1 + Math.random()));
      }
      polling = false;
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
      // One that is lost comes back by itself, and says what it left out.
      streams = heard.kind !== "refused";
      if (heard.kind === "event") {
        take(JSON.parse(heard.text) as SeatChange);
      } else if (!streams) {
        void poll();
      }
    });
    return () => {
      over = true;
      unlisten();
    };
  };
  return { seats, plan, states, areas, version, listen: follow };
}
