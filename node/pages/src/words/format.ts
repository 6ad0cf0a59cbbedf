// Dates, times and money, as the language writes them and in the zone of where it happens.

import type { Slot, Time } from "../api/shapes.ts";
import { clock } from "../live/clock.ts";
import { language } from "./index.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${zone} ${JSON.stringify(options)}`;
  let known = formats.get(name);
  if (!known) {
    known = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { timeZone: zone, ...options });
    formats.set(name, known);
  }
  return known;
}

/** Where a slot's clocks hang. Without a place it is UTC, and it is said; so is a zone that is newer than the browser. */
export function zoneOf(slot: Slot): string {
  const zone = slot.place?.time_zone ?? slot.inventory.calendar?.time_zone ?? "UTC";
  try {
    format(zone, {});
    return zone;
  } catch {
    // Whoever does not know it can still come at the right moment.
    return "UTC";
  }
}

const readers = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether the reader's clocks show something else. */
export function isElsewhere(zone: string, time: Time): boolean {
  return hour(time, zone, true) !== hour(time, readers, true) || day(time, zone) !== day(time, readers);
}

/** 19:30, or with the zone: 19:30 CET. */
export function hour(time: Time | number, zone: string = readers, bare = false): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return format(zone, bare ? options : { ...options, timeZoneName: "short" }).format(new Date(time));
}

/** Sunday 10 January 2027. */
export function day(time: Time | number, zone: string = readers): string {
  return format(zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(new Date(time));
}

/** The year, where it is not this one: nobody takes next year's day for this year's. */
function yearOf(time: Time | number, zone: string): Intl.DateTimeFormatOptions {
  const year = format(zone, { year: "numeric" });
  return year.format(new Date(time)) === year.format(clock.now()) ? {} : { year: "numeric" };
}

/** Sun 10 Jan, or of another year Sun 10 Jan 2030. */
export function shortDay(time: Time | number, zone: string): string {
  return format(zone, { weekday: "short", day: "numeric", month: "short", ...yearOf(time, zone) }).format(new Date(time));
}

/** The parts of a date that stand on a leaf of a calendar. */
export function leaf(time: Time | number, zone: string): { weekday: string; day: string; month: string } {
  const one = (options: Intl.DateTimeFormatOptions): string => format(zone, options).format(new Date(time));
  return { weekday: one({ weekday: "short" }), day: one({ day: "numeric" }), month: one({ month: "short", ...yearOf(time, zone) }) };
}

/** From when to when, in one line. */
export function span(from: Time, to: Time, zone: string): string {
  const begin = day(from, zone);
  const end = day(to, zone);
  return begin === end
    ? `${begin}, ${hour(from, zone, true)}–${hour(to, zone)}`
    : `${begin}, ${hour(from, zone, true)} – ${end}, ${hour(to, zone)}`;
}

export function hours(from: Time | number, to: Time | number, zone: string): string {
  return `${hour(from, zone, true)}–${hour(to, zone, true)}`;
}

export function money(amount: number, currency: string): string {
  const digits = new Intl.NumberFormat(language, { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(amount / 10 ** digits);
}

export function number(n: number): string {
  return n.toLocaleString(language);
}
