// A press at the very moment of opening may come a little early for the node's clock.

import { sleep } from "../api/ask.ts";
import type { Slot } from "../api/shapes.ts";
import { clock } from "../live/clock.ts";
import type { Act } from "./act.ts";

const EARLY_MS = 2_000;
const PAUSE_MS = 150;

/** Asks, and where the sale is about to open by the node's clock, asks once more until it has. */
export async function early<Value>(slot: Slot, act: Act, ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
  const opens = slot.sale.opens_at === null ? -Infinity : Date.parse(slot.sale.opens_at);
  for (;;) {
    const answer = await ask();
    const stage = act.stage.value;
    const isEarly = stage.kind === "refused" && stage.problem.code === "not_on_sale" && Math.abs(clock.now() - opens) < EARLY_MS;
    if (answer !== undefined || !isEarly) {
      return answer;
    }
    await sleep(PAUSE_MS * (1 + Math.random()));
  }
}
