// A change that a person asked for, and what is to be seen of it meanwhile.

import { signal } from "@preact/signals";
import { change } from "../api/ask.ts";
import { forget } from "../api/session.ts";
import type { Problem } from "../api/shapes.ts";

export type Stage =
  | { kind: "idle" }
  | { kind: "asking"; unknown: boolean; tries: number }
  | { kind: "refused"; problem: Problem };

/** Refusals of what is so no more, though the page shows it: prices, limits and products, which an organizer changes at any time. Who was only
 * too late has nothing to read: in a drop they are thousands. */
const STALE: readonly string[] = ["quantity_too_large", "range_refused", "customer_limit", "price_changed", "quota_exhausted", "invalid_request"];

export class Act {
  readonly stage = signal<Stage>({ kind: "idle" });

  /** `renew` reads what the slot is by now. */
  constructor(private readonly renew?: () => void) {}

  get busy(): boolean {
    return this.stage.value.kind === "asking";
  }

  /** Asks until the outcome is known; undefined where it was refused, or where it is being asked already. */
  async run<Value>(path: string, body?: unknown): Promise<Value | undefined> {
    if (this.busy) {
      return undefined;
    }
    this.stage.value = { kind: "asking", unknown: false, tries: 0 };
    const outcome = await change<Value>(path, body, (unknown, tries) => {
      this.stage.value = { kind: "asking", unknown, tries };
    });
    if (outcome.kind === "done") {
      this.stage.value = { kind: "idle" };
      return outcome.value;
    }
    if (outcome.problem.status === 401) {
      forget();
    }
    this.stage.value = { kind: "refused", problem: outcome.problem };
    if (STALE.includes(outcome.problem.code)) {
      this.renew?.();
    }
    return undefined;
  }

  clear(): void {
    if (this.stage.value.kind === "refused") {
      this.stage.value = { kind: "idle" };
    }
  }
}
