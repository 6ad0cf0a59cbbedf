import assert from "node:assert/strict";
import { test } from "node:test";
import type { Slot } from "../../src/api/shapes.ts";
import { gestures } from "../../src/map/gestures.ts";
import { load } from "../../src/map/load.ts";

const map = { categories: [{ key: "a" }], sections: [{ key: "s", rows: [{ key: "A", seats: ["1-4"], category: "a" }] }] };
let seq = 5;
let reads = 0;
let sources: EventTarget[] = [];
let timers: (() => void)[] = [];

/** Takes the place of what a browser has: one tab that looks, a node that has this house, and a stream that the test speaks for. */
function page(): void {
  [seq, reads, sources, timers] = [5, 0, [], []];
  const seats = (): unknown => ({ seq, map: "map_1", rows: { "s/A": "ffff" }, areas: {} });
  globalThis.fetch = (path) => {
    const isMap = String(path).includes("seatmaps");
    reads += isMap ? 0 : 1;
    return Promise.resolve(Response.json(isMap ? map : seats()));
  };
  class Source extends EventTarget {
    static readonly CLOSED = 2;
    readonly readyState = Source.CLOSED;
    constructor() {
      super();
      sources.push(this);
    }
    close(): void {
      return undefined;
    }
  }
  const document = Object.assign(new EventTarget(), { hidden: false });
  for (const [name, value] of Object.entries({ document, EventSource: Source, navigator: {}, BroadcastChannel: undefined })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  delete (globalThis as { BroadcastChannel?: unknown }).BroadcastChannel;
  globalThis.setTimeout = ((call: () => void) => timers.push(call)) as unknown as typeof setTimeout;
}

const slot = { id: "slot_1" } as Slot;
const turn = (): Promise<void> => new Promise(setImmediate);
const tell = (change: unknown): boolean => sources.at(-1)!.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(change) }));
/** Lets all that is waited for come. */
async function pass(): Promise<void> {
  const due = timers;
  timers = [];
  due.forEach((call) => call());
  await turn();
}

test("a stream that leaves something out makes the house be read once, however often it says so", async () => {
  page();
  const loaded = await load(slot, "map_1");
  assert.equal(reads, 1);
  const leave = loaded.listen(() => undefined);
  seq = 90;
  for (let after = 50; after < 60; after += 1) {
    tell({ after, seq: after + 1, runs: [], areas: {} });
  }
  await turn();
  assert.equal(reads, 2);
  tell({ after: 90, seq: 91, runs: [[0, 2, "t"]], areas: {} });
  assert.deepEqual([...loaded.states], [2, 2, 0, 0]);
  leave();
});

test("where there is no stream the house is read now and then, by one who looks, and no more once they left", async () => {
  page();
  const loaded = await load(slot, "map_1");
  const leave = loaded.listen(() => undefined);
  // Refused twice: that is one reason to ask, not two.
  sources.at(-1)!.dispatchEvent(new Event("error"));
  sources.at(-1)!.dispatchEvent(new Event("error"));
  await turn();
  assert.equal(reads, 2);
  Object.assign(document, { hidden: true });
  await pass();
  assert.equal(reads, 2, "nobody looks");
  Object.assign(document, { hidden: false });
  leave();
  for (let times = 0; times < 5; times += 1) {
    await pass();
  }
  assert.equal(reads, 2, "nobody is there");
});

test("only the first button, or a finger, chooses a seat", () => {
  const element = Object.assign(new EventTarget(), { setPointerCapture: () => undefined, getBoundingClientRect: () => ({ left: 0, top: 0 }) });
  let taps = 0;
  const nothing = (): void => undefined;
  const stop = gestures(element as unknown as HTMLCanvasElement, { pan: nothing, zoom: nothing, whole: nothing, hover: nothing, tap: () => (taps += 1) });
  for (const [button, want] of [[2, 0], [1, 0], [0, 1]] as const) {
    for (const type of ["pointerdown", "pointerup"]) {
      element.dispatchEvent(Object.assign(new Event(type), { pointerId: 1, button, clientX: 5, clientY: 5 }));
    }
    assert.equal(taps, want, `button ${button}`);
  }
  stop();
});
