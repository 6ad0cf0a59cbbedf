// The state of seats as the node tells it: a letter a seat, and changes as runs.

import type { SeatChange, SeatState } from "../api/shapes.ts";
import type { Plan } from "./geometry.ts";

export const FREE = 0;
export const HELD = 1;
export const TAKEN = 2;

const LETTERS: Record<string, number> = { f: FREE, h: HELD, t: TAKEN };

/** A letter that we do not know is nothing that can be had. */
function stateOf(letter: string): number {
  return LETTERS[letter] ?? TAKEN;
}

/** The states in the order of the map. */
export function decode(plan: Plan, told: SeatState): Uint8Array {
  const states = new Uint8Array(plan.count).fill(TAKEN);
  for (const row of plan.rows) {
    const letters = told.rows[`${plan.sections[row.section]!.key}/${row.key}`] ?? "";
    let seat = row.first;
    for (const letter of letters) {
      if (letter !== " " && seat < row.first + row.numbers.length) {
        states[seat] = stateOf(letter);
        seat += 1;
      }
    }
  }
  return states;
}

/** What to do with a change, if the seats are known as they were at `seq`. */
export function fits(change: SeatChange, seq: number): "apply" | "known" | "gap" {
  if (change.seq <= seq) {
    return "known";
  }
  return change.after <= seq ? "apply" : "gap";
}

/** Applies a change, and calls `each` with every seat that is otherwise now. */
export function apply(states: Uint8Array, change: SeatChange, each: (seat: number) => void): void {
  for (const [first, count, letter] of change.runs) {
    const state = stateOf(letter);
    for (let seat = first; seat < Math.min(first + count, states.length); seat += 1) {
      if (states[seat] !== state) {
        states[seat] = state;
        each(seat);
      }
    }
  }
}
