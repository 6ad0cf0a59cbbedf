// What becomes of a request: done, refused, or unknown. Unknown is not failed: whoever does not know asks again with the same key.

import type { Problem } from "./shapes.ts";

export type Outcome<Value> =
  | { kind: "done"; value: Value }
  | { kind: "refused"; problem: Problem };

/** What one try says: an outcome, or that it has to be asked again, because nothing was done or because nobody knows. */
export type Try<Value> = Outcome<Value> | { kind: "again"; unknown: boolean; wait: number | undefined };

/** What a server or what stands before it answers when it did not get as far as a decision. */
const NOT_TRIED = [429, 503];
const PERHAPS_DONE = [408, 500, 502, 504];

/** What an answer means for whoever wants a change. `wait` is in milliseconds. */
export function judge<Value>(status: number, body: unknown, retryAfter: string | null): Try<Value> {
  if (status >= 200 && status < 300) {
    return { kind: "done", value: body as Value };
  }
  const problem = problemOf(status, body);
  if (NOT_TRIED.includes(status)) {
    return { kind: "again", unknown: problem.code === "outcome_unknown", wait: seconds(retryAfter) };
  }
  if (PERHAPS_DONE.includes(status)) {
    return { kind: "again", unknown: true, wait: seconds(retryAfter) };
  }
  return { kind: "refused", problem };
}

/** No answer came at all. */
export const LOST = { kind: "again", unknown: true, wait: undefined } as const;

export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === "object" && body !== null && "code" in body && typeof body.code === "string") {
    return { ...(body as Problem), status };
  }
  return { status, code: status === 401 ? "unauthenticated" : "not_understood" };
}

function seconds(retryAfter: string | null): number | undefined {
  const said = Number(retryAfter);
  return retryAfter !== null && Number.isFinite(said) && said >= 0 ? said * 1_000 : undefined;
}

const PAUSE_MS = 400;
const PAUSE_MS_MAX = 8_000;

/** How long to wait before the try after `tries`, if nobody said: twice as long each time, half of it by chance. */
export function pause(tries: number, chance: number): number {
  const whole = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(tries, 10));
  return whole / 2 + (whole / 2) * chance;
}
