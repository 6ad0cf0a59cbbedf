import assert from "node:assert/strict";
import { test } from "node:test";
import type { Slot } from "../../src/api/shapes.ts";
import { clock } from "../../src/live/clock.ts";
import { hour, leaf, money, shortDay, span, zoneOf } from "../../src/words/format.ts";

clock.heard(Date.parse("2029-12-30T12:00:00Z"));

/** Without commas, of which one version of the names of days has more than the next. */
const bare = (text: string): string => text.replaceAll(",", "");

test("a day of another year is told with its year, by the clocks of the place", () => {
  const rows: [string, string, string, string][] = [
    ["2029-12-31T12:00:00Z", "UTC", "Mon 31 Dec", "Dec"],
    ["2029-12-31T23:30:00Z", "UTC", "Mon 31 Dec", "Dec"],
    ["2029-12-31T23:30:00Z", "Europe/Berlin", "Tue 1 Jan 2030", "Jan 2030"],
    ["2027-12-31T12:00:00Z", "UTC", "Fri 31 Dec 2027", "Dec 2027"],
  ];
  for (const [time, zone, short, month] of rows) {
    assert.equal(bare(shortDay(time, zone)), short);
    assert.equal(leaf(time, zone).month, month);
  }
});

test("a zone that the browser does not know is told as UTC", () => {
  const at = (time_zone: string): Slot => ({ inventory: {}, place: { time_zone } }) as Slot;
  assert.deepEqual([at("Europe/Berlin"), at("Mars/Olympus"), { inventory: {} } as Slot].map(zoneOf), ["Europe/Berlin", "UTC", "UTC"]);
});

test("a night in which clocks are changed is told by both of its times", () => {
  assert.equal(bare(span("2029-10-27T20:00:00Z", "2029-10-28T02:00:00Z", "Europe/Berlin")), "Saturday 27 October 2029 22:00 – Sunday 28 October 2029 03:00 CET");
  assert.equal(hour("2029-10-28T00:30:00Z", "Europe/Berlin"), "02:30 CEST");
  assert.equal(hour("2029-10-28T01:30:00Z", "Europe/Berlin"), "02:30 CET");
});

test("money has as many digits as its currency", () => {
  const rows: [number, string, string][] = [
    [4_500, "EUR", "€45.00"],
    [4_500, "JPY", "¥4,500"],
    [4_500, "KWD", "KWD 4.500"],
    [-5, "EUR", "-€0.05"],
    [0, "USD", "$0.00"],
  ];
  for (const [amount, currency, text] of rows) {
    assert.equal(money(amount, currency).replaceAll("\u00a0", " "), text);
  }
});
