import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf, daysOf, lengthsOf, next, startsOf, wallOf, weekOf } from "../../src/calendar/week.ts";

const zone = "Europe/Berlin";
const at = (time: string): number => Date.parse(time);

test("days begin at midnight of the zone, also when its clocks are changed", () => {
  const rows: [string, string, string][] = [
    ["2027-01-10T23:30:00Z", zone, "2027-01-10T23:00:00Z"],
    ["2027-07-10T21:59:00Z", zone, "2027-07-09T22:00:00Z"],
    ["2027-03-28T12:00:00Z", zone, "2027-03-27T23:00:00Z"],
    ["2027-10-31T12:00:00Z", zone, "2027-10-30T22:00:00Z"],
    ["2027-01-10T23:30:00Z", "UTC", "2027-01-10T00:00:00Z"],
    ["2027-01-10T12:00:00Z", "Asia/Kolkata", "2027-01-09T18:30:00Z"],
  ];
  for (const [time, where, begins] of rows) {
    assert.equal(new Date(dayOf(at(time), where)).toISOString(), new Date(begins).toISOString(), `${time} ${where}`);
  }
  const days = daysOf(weekOf(at("2027-03-28T12:00:00Z"), zone), zone);
  assert.equal(new Date(days[0]!).toISOString(), "2027-03-21T23:00:00.000Z");
  assert.equal((days[7]! - days[6]!) / 3_600_000, 23);
});

test("starts are those from which so long a time is free", () => {
  const free = [
    { from: "2027-01-11T08:00:00Z", to: "2027-01-11T10:00:00Z", free: 1, resource: "a" },
    { from: "2027-01-11T08:00:00Z", to: "2027-01-11T09:00:00Z", free: 1, resource: "b" },
  ];
  assert.deepEqual(startsOf(free, 3_600, 1_800).map((start) => new Date(start).toISOString().slice(11, 16)), ["08:00", "08:30", "09:00"]);
  assert.deepEqual(startsOf(free, 10_800, 1_800), []);
});

test("where a day has an hour twice, both of them can be chosen", () => {
  const starts = ["00:00", "00:30", "01:00", "01:30", "02:00"].map((time) => at(`2027-10-31T${time}:00Z`));
  const wall = wallOf(starts, weekOf(at("2027-10-31T12:00:00Z"), zone), zone, 1_800);
  assert.deepEqual([...wall.days[6]!.starts.values()], starts);
  assert.deepEqual(wall.rows, [120, 120.5, 150, 150.5, 180]);
  assert.equal(next(wall, starts[1]!, zone, "ArrowDown"), starts[2]);
});

test("arrows go down a day and across to the nearest time of the next", () => {
  const [monday, later] = [at("2027-01-11T08:00:00Z"), at("2027-01-11T08:30:00Z")];
  const wednesday = at("2027-01-13T08:30:00Z");
  const wall = wallOf([monday, later, wednesday], weekOf(monday, zone), zone, 1_800);
  assert.deepEqual(wall.rows, [540, 570]);
  const rows: [number, string, number | undefined][] = [
    [monday, "ArrowDown", later],
    [monday, "ArrowUp", undefined],
    [later, "ArrowRight", wednesday],
    [wednesday, "ArrowLeft", later],
    [wednesday, "ArrowRight", undefined],
    [later, "Home", monday],
    [monday, "x", undefined],
  ];
  for (const [from, key, to] of rows) {
    assert.equal(next(wall, from, zone, key), to, `${key}`);
  }
});

test("lengths are multiples of the shortest, up to the longest", () => {
  const calendar = { grid_seconds: 900, maximum_seconds: 7_200, lead_seconds: 0, horizon_seconds: 0, time_zone: zone };
  assert.deepEqual(lengthsOf({ ...calendar, minimum_seconds: 3_600 }), [3_600, 7_200]);
  assert.equal(lengthsOf(calendar).length, 8);
});
