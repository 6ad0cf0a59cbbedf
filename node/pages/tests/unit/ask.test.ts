import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import type { change as Change, read as Read } from "../../src/api/ask.ts";
import type * as Session from "../../src/api/session.ts";

/** What the server answers next, one after the other. */
let answers: (() => Response)[] = [];
let asked: { path: string; key: string | null }[] = [];
const kept = new Map<string, string>();

/** Takes the place of what a browser has. */
async function page(): Promise<{ change: typeof Change; read: typeof Read; session: typeof Session }> {
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
  Object.defineProperty(globalThis, "sessionStorage", { value: storage, configurable: true });
  // Node 18 has it under another name.
  Object.defineProperty(globalThis, "crypto", { value: webcrypto, configurable: true });
  globalThis.fetch = (path, init) => {
    asked.push({ path: String(path), key: new Headers(init?.headers).get("Idempotency-Key") });
    const answer = answers.shift();
    return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError("no network"));
  };
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((call: () => void) => setTimeout(call, 0)) as unknown as typeof setTimeout;
  const { change, read } = await import("../../src/api/ask.ts");
  const session = await import("../../src/api/session.ts");
  [answers, asked] = [[], []];
  kept.clear();
  return { change, read, session };
}

const json = (status: number, body: unknown) => (): Response => Response.json(body, { status });
const text = (status: number, body: string) => (): Response => new Response(body, { status });
const lost = (): Response => {
  throw new TypeError("connection reset");
};
const ignore = (): void => undefined;

test("what may be done when a session ends is asked again with its key by whoever comes back", async () => {
  const { change, session } = await page();
  session.greet("ann");
  answers = [lost, json(401, { code: "unauthenticated" }), json(201, { id: "bkg_1" })];
  assert.equal((await change("/v1/slots/s/bookings", { quantity: 1 }, ignore)).kind, "refused");
  session.forget();
  session.greet("ann");
  assert.deepEqual(await change("/v1/slots/s/bookings", { quantity: 1 }, ignore), { kind: "done", value: { id: "bkg_1" } });
  assert.equal(new Set(asked.map(({ key }) => key)).size, 1, "it happened once");
  assert.equal(kept.size, 0);
  // Who was never let in has asked for nothing that may be done.
  answers = [json(401, { code: "unauthenticated" })];
  await change("/v1/slots/s/bookings", { quantity: 1 }, ignore);
  assert.equal(kept.size, 0);
});

test("nobody asks for what somebody else wanted", async () => {
  const { change, session } = await page();
  session.greet("ann");
  answers = [lost, json(201, { id: "bkg_1" })];
  const outcome = await change("/v1/slots/s/bookings", { quantity: 1 }, () => session.greet("bob"));
  assert.deepEqual(outcome, { kind: "refused", problem: { status: 0, code: "session_ended" } });
  assert.equal(asked.length, 1);
  assert.equal(kept.size, 1, "Ann may still find out");
});

test("a refusal without words that can be read is a refusal, and no reason to ask for ever", async () => {
  const { change, session } = await page();
  session.greet("ann");
  answers = [text(502, "<h1>Bad gateway</h1>"), text(403, "<h1>Forbidden</h1>")];
  assert.deepEqual(await change("/v1/x", {}, ignore), { kind: "refused", problem: { status: 403, code: "not_understood" } });
  assert.equal(asked.length, 2);
});

test("an answer that breaks off is none", async () => {
  const { read } = await page();
  answers = [text(200, '{"items": [')];
  await assert.rejects(read("/v1/me/bookings"), ({ problem }: { problem: unknown }) => {
    assert.deepEqual(problem, { status: 0, code: "no_answer" });
    return true;
  });
});

test("where nothing can be kept a change is asked for all the same", async () => {
  const { change, session } = await page();
  session.greet("ann");
  globalThis.sessionStorage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  answers = [json(201, { id: "bkg_1" })];
  assert.equal((await change("/v1/x", {}, ignore)).kind, "done");
});
