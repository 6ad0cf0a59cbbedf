import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../../src/api/keys.ts";
import { judge, pause } from "../../src/api/outcome.ts";

test("an answer is done, refused, or to be asked again", () => {
  const again = (unknown: boolean, wait?: number): unknown => ({ kind: "again", unknown, wait });
  const refused = (status: number, code: string): unknown => ({ kind: "refused", problem: { status, code } });
  const rows: [number, unknown, string | null, unknown][] = [
    [201, { id: "bkg_1" }, null, { kind: "done", value: { id: "bkg_1" } }],
    [204, null, null, { kind: "done", value: null }],
    [409, { code: "sold_out" }, null, refused(409, "sold_out")],
    [422, { code: "invalid_request" }, null, refused(422, "invalid_request")],
    [401, null, null, refused(401, "unauthenticated")],
    [404, "page", null, refused(404, "not_understood")],
    [429, { code: "rate_limited" }, "2", again(false, 2_000)],
    [503, { code: "overloaded" }, "1", again(false, 1_000)],
    [503, { code: "outcome_unknown" }, null, again(true)],
    [502, null, "soon", again(true)],
    [500, null, null, again(true)],
  ];
  for (const [status, body, retryAfter, outcome] of rows) {
    assert.deepEqual(judge(status, body, retryAfter), outcome, `${status}`);
  }
});

test("pauses grow, and are bounded", () => {
  assert.deepEqual([0, 1, 2].map((tries) => pause(tries, 1)), [400, 800, 1_600]);
  assert.equal(pause(0, 0), 200);
  assert.equal(pause(1_000, 1), 8_000);
});

test("a key is kept until the outcome is known, also over a reload", () => {
  const kept = new Map<string, string>();
  const store = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
  let made = 0;
  const keys = (): Keys => new Keys(store, () => `key-${(made += 1)}`);
  const first = keys().begin("/v1/slots/a/bookings", "{}", "alice");
  assert.equal(first.key, "key-1");
  assert.equal(keys().begin("/v1/slots/a/bookings", "{}", "alice").key, "key-1");
  assert.equal(keys().begin("/v1/slots/a/bookings", "{}", "bob").key, "key-2");
  assert.equal(keys().begin("/v1/slots/a/bookings", '{"quantity":2}', "alice").key, "key-3");
  assert.equal(keys().all().length, 3);
  keys().end("key-1");
  assert.equal(keys().begin("/v1/slots/a/bookings", "{}", "alice").key, "key-4");
  for (const foreign of ["nonsense", '{"a":1}', '[{"key":1}]']) {
    kept.set("boxoffice.pending", foreign);
    assert.deepEqual(keys().all(), []);
  }
});
