import assert from "node:assert/strict";
import { test } from "node:test";
import type { Seatmap } from "../../src/api/shapes.ts";
import { apply, decode, fits, FREE, HELD, TAKEN } from "../../src/map/codec.ts";
import { ACCESSIBLE, Grid, nameOf, numbersOf, planOf, seatOf } from "../../src/map/geometry.ts";
import { KEPT_MAX, sideOf, TILE_PX, Tiles, tilesIn, zoomOf } from "../../src/map/tiles.ts";
import { fit, held, levelOf, pan, zoom } from "../../src/map/viewport.ts";

const house: Seatmap = {
  categories: [
    { key: "a", name: "Stalls" },
    { key: "b", name: "Sides" },
  ],
  sections: [
    {
      key: "stalls",
      name: "Stalls",
      rows: [
        { key: "A", seats: ["1-2", "3"], category: "a", at: [0, 0], to: [200, 0], accessible: ["1"], categories: { b: ["3"] } },
        { key: "B", seats: ["5-1/2"], category: "a", at: [0, 100], to: [200, 100] },
      ],
    },
    { key: "balcony", name: "Balcony", rows: [{ key: "A", seats: ["9"], category: "b", at: [100, 500] }] },
  ],
};
const plan = planOf(house);

test("the numbers of a row are spelled as the contract spells them", () => {
  const rows: [string, string[]][] = [
    ["1-3", ["1", "2", "3"]],
    ["27-23/2", ["27", "25", "23"]],
    ["2-6/2,9", ["2", "4", "6", "9"]],
    ["A1", ["A1"]],
  ];
  for (const [item, numbers] of rows) {
    assert.deepEqual(numbersOf(item), numbers);
  }
});

test("seats are where the map says, in its order, and found by name", () => {
  assert.equal(plan.count, 7);
  assert.deepEqual([...plan.xs], [0, 100, 200, 0, 100, 200, 100]);
  assert.deepEqual([0, 2, 3, 6].map((seat) => nameOf(plan, seat)), ["stalls/A/1", "stalls/A/3", "stalls/B/5", "balcony/A/9"]);
  assert.equal(seatOf(plan, "stalls/B/1"), 5);
  assert.equal(seatOf(plan, "stalls/C/1"), undefined);
  assert.deepEqual([...plan.categoryOf], [0, 0, 1, 0, 0, 0, 1]);
  assert.equal(plan.flags[0], ACCESSIBLE);
  assert.equal(plan.pitch, 100);
  const grid = new Grid(plan);
  assert.equal(grid.at(110, 90, 50), 4);
  assert.equal(grid.at(300, 300, 50), undefined);
  const found: number[] = [];
  grid.within({ left: -1, top: -1, right: 101, bottom: 101 }, (seat) => found.push(seat));
  assert.deepEqual(found.sort(), [0, 1, 3, 4]);
});

test("from afar a section is as many blocks as it has categories one behind the other", () => {
  const row = (key: string, category: string, y: number): Seatmap["sections"][0]["rows"][0] => ({ key, seats: ["1-4"], category, at: [0, y], to: [300, y] });
  const side = { ...row("D", "b", 300), categories: { a: ["1"] } };
  const section = { key: "s", rows: [row("A", "a", 0), row("B", "a", 100), row("C", "b", 200), side, row("E", "a", 400)] };
  const { blocks } = planOf({ ...house, sections: [section] }).sections[0]!;
  assert.deepEqual(
    blocks.map(({ category, first, count }) => [category, first, count]),
    [
      [0, 0, 8],
      [1, 8, 8],
      [0, 16, 4],
    ],
  );
  assert.deepEqual(new Set(blocks[1]!.hull.filter((_, i) => i % 2 === 1)), new Set([200, 300]));
});

test("states are read by letters and changed by runs", () => {
  const states = decode(plan, { seq: 4, map: "map_x", rows: { "stalls/A": "fh t", "stalls/B": "f?f" }, areas: {} });
  assert.deepEqual([...states], [FREE, HELD, TAKEN, FREE, TAKEN, FREE, TAKEN]);
  const changed: number[] = [];
  const runs: [number, number, string][] = [
    [0, 2, "t"],
    [6, 9, "f"],
  ];
  apply(states, { after: 4, seq: 6, runs, areas: {} }, (seat) => changed.push(seat));
  assert.deepEqual([...states], [TAKEN, TAKEN, TAKEN, FREE, TAKEN, FREE, FREE]);
  assert.deepEqual(changed, [0, 1, 6]);
  const rows: [number, number, number, string][] = [
    [4, 6, 4, "apply"],
    [3, 6, 4, "apply"],
    [5, 6, 4, "gap"],
    [2, 4, 4, "known"],
  ];
  for (const [after, seq, known, how] of rows) {
    assert.equal(fits({ after, seq, runs: [], areas: {} }, known), how);
  }
});

test("what is at a point stays there when it is zoomed, and the house stays in sight", () => {
  const size = { width: 400, height: 300 };
  const whole = fit(plan.box, size);
  const near = zoom(whole, 3, 120, 80);
  assert.ok(Math.abs((120 / near.scale + near.left) - (120 / whole.scale + whole.left)) < 1e-9);
  assert.deepEqual(held(pan(whole, 5_000, 0), plan.box, size, plan.pitch), whole);
  const far = held(pan(near, 1e6, 1e6), plan.box, size, plan.pitch);
  assert.ok(far.left + size.width / 2 / far.scale >= plan.box.left - 1e-9);
  assert.deepEqual([0.04, 0.1, 0.3].map((scale) => levelOf(scale, 100)), ["far", "middle", "near"]);
});

test("tiles cover what is seen, the middle first, and the oldest goes first", () => {
  assert.equal(zoomOf(0.4), -1);
  assert.equal(zoomOf(1.9), 1);
  assert.equal(sideOf(1), TILE_PX / 2);
  const seen = tilesIn({ left: 10, top: 10, right: 2.6 * TILE_PX, bottom: TILE_PX - 1 }, 0);
  assert.deepEqual(seen.map(({ x, y }) => [x, y]), [[1, 0], [0, 0], [2, 0]]);
  const tiles = new Tiles<string>();
  for (let x = 0; x < KEPT_MAX; x += 1) {
    tiles.keep({ z: 0, x, y: 0 }, `${x}`);
  }
  assert.equal(tiles.get({ z: 0, x: 0, y: 0 }), "0");
  assert.equal(tiles.spare(), "1");
  assert.equal(tiles.get({ z: 0, x: 1, y: 0 }), undefined);
  assert.deepEqual(tiles.coarser({ z: 1, x: 5, y: 0 }), { drawn: "2", x: 0.5, y: 0, share: 0.5 });
  const touched: string[] = [];
  tiles.at(TILE_PX, 10, 5, (_, drawn) => touched.push(drawn));
  assert.deepEqual(touched, ["0"]);
});
