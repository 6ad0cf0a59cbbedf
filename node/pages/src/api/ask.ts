// Asks the node: reads that may fail, and changes that go on being asked until their outcome is known.

import { clock } from "../live/clock.ts";
import type { Pending } from "./keys.ts";
import { Keys } from "./keys.ts";
import type { Outcome, Try } from "./outcome.ts";
import { judge, LOST, pause, problemOf } from "./outcome.ts";
import { subject } from "./session.ts";
import type { Problem } from "./shapes.ts";

/** After so long without an answer nobody knows, and it is asked again. */
const PATIENCE_MS = 12_000;

export const keys = new Keys(storage(), () => crypto.randomUUID());

function storage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    // A browser may refuse it; then a key lives as long as the page.
    return undefined;
  }
}

/** What a read says, or why not. `status` 0 is no answer at all. */
export class Unread extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

export interface Answer<Value> {
  value: Value;
  etag: string | null;
}

/** Reads a resource; null where it is still what `etag` says. */
export async function read<Value>(path: string, etag?: string | null, signal?: AbortSignal): Promise<Answer<Value> | null> {
  let response: Response;
  try {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (etag) {
      headers["If-None-Match"] = etag;
    }
    response = await fetch(path, { headers, signal: signal ?? AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
  } catch (error) {
    throw new Unread({ status: 0, code: error instanceof DOMException && error.name === "AbortError" ? "aborted" : "no_answer" });
  }
  if (response.status === 304) {
    return null;
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Unread(problemOf(response.status, body));
  }
  if (body === null) {
    // It broke off on its way.
    throw new Unread({ status: 0, code: "no_answer" });
  }
  learnTime(body);
  return { value: body as Value, etag: response.headers.get("ETag") };
}

export async function get<Value>(path: string): Promise<Value> {
  const answer = await read<Value>(path);
  if (answer === null) {
    throw new Unread({ status: 304, code: "not_understood" });
  }
  return answer.value;
}

/** What is told meanwhile: it is being asked again, and whether it may be done already. */
export type Meanwhile = (unknown: boolean, tries: number) => void;

/** Asks for a change until its outcome is known. */
export async function change<Value>(path: string, body: unknown, meanwhile: Meanwhile): Promise<Outcome<Value>> {
  const text = body === undefined ? null : JSON.stringify(body);
  return settle<Value>(keys.begin(path, text, subject()), meanwhile);
}

/** Asks again for whatever was under way when the page was left. Ends when all of it is known. */
export async function settleRest(meanwhile: Meanwhile): Promise<number> {
  const rest = keys.all().filter((one) => one.by === subject());
  await Promise.all(rest.map((one) => settle(one, meanwhile)));
  return rest.length;
}

async function settle<Value>(pending: Pending, meanwhile: Meanwhile): Promise<Outcome<Value>> {
  let unknown = false;
  for (let tries = 0; ; tries += 1) {
    if (pending.by !== subject()) {
      // Somebody else is here by now, who did not ask for this. Its key stays for whoever did.
      return { kind: "refused", problem: { status: 0, code: "session_ended" } };
    }
    const said = await attempt<Value>(pending);
    if (said.kind !== "again") {
      // Who is not let in any more learns nothing of what was asked before: it may be done, so it is asked again once they are back.
      if (said.kind === "done" || said.problem.status !== 401 || !unknown) {
        keys.end(pending.key);
      }
      return said;
    }
    unknown ||= said.unknown;
    meanwhile(unknown, tries + 1);
    await sleep(Math.max(said.wait ?? 0, pause(tries, Math.random())));
  }
}

async function attempt<Value>({ path, body, key }: Pending): Promise<Try<Value>> {
  const headers: Record<string, string> = { Accept: "application/json", "Idempotency-Key": key };
  if (body !== null) {
    headers["Content-Type"] = "application/json";
  }
  try {
    const response = await fetch(path, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    // A refusal by what stands before the node may have no words that we can read, and is one all the same.
    const answer: unknown = response.ok && response.status !== 204 ? await response.json() : await response.json().catch(() => null);
    if (response.ok && response.headers.get("Idempotency-Replayed") !== "true") {
      learnTime(answer);
    }
    return judge<Value>(response.status, answer, response.headers.get("Retry-After"));
  } catch {
    return LOST;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** An answer that has a deadline both as a time and as what is left of it says what time it is at the node. */
function learnTime(body: unknown): void {
  if (typeof body !== "object" || body === null) {
    return;
  }
  const { expires_at, expires_in_ms, opens_in_ms, sale, now } = body as Record<string, unknown>;
  if (typeof expires_at === "string" && typeof expires_in_ms === "number" && expires_in_ms > 0) {
    clock.heard(Date.parse(expires_at) - expires_in_ms);
  } else if (typeof opens_in_ms === "number" && opens_in_ms > 0 && typeof sale === "object" && sale !== null) {
    const { opens_at } = sale as { opens_at?: unknown };
    if (typeof opens_at === "string") {
      clock.heard(Date.parse(opens_at) - opens_in_ms);
    }
  } else if (typeof now === "string") {
    clock.heard(Date.parse(now));
  }
}
