// A week as a wall of times: days in the zone of what is booked, and the starts that the node offers in each.

import type { Calendar, Free } from "../api/shapes.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const readers = new Map<string, Intl.DateTimeFormat>();

/** What the clocks and calendars of a zone show at a moment. */
function local(ms: number, zone: string): { year: number; month: number; day: number; hour: number; minute: number } {
  let reader = readers.get(zone);
  if (!reader) {
    const numeric = "numeric" as const;
    reader = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
    });
    readers.set(zone, reader);
  }
  const parts = new Map(reader.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return { year: of("year"), month: of("month"), day: of("day"), hour: of("hour"), minute: of("minute") };
}

/** Minutes since midnight by the clocks of a zone. */
export function minuteOf(ms: number, zone: string): number {
  const { hour, minute } = local(ms, zone);
  return hour * 60 + minute;
}

/** How far the zone's clocks are ahead of UTC at a moment. */
function ahead(ms: number, zone: string): number {
  const { year, month, day, hour, minute } = local(ms, zone);
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(ms / MINUTE) * MINUTE;
}

/** When the day of a moment begins in a zone, also on the days on which clocks are changed. */
export function dayOf(ms: number, zone: string): number {
  const { year, month, day } = local(ms, zone);
  const midnight = Date.UTC(year, month - 1, day);
  const guess = midnight - ahead(midnight - ahead(midnight, zone), zone);
  return local(guess, zone).day === day ? guess : guess + HOUR;
}

/** So many days later, or earlier. */
export function daysOn(day: number, count: number, zone: string): number {
  return dayOf(day + count * DAY + DAY / 2, zone);
}

/** The Monday of a moment's week. */
export function weekOf(ms: number, zone: string): number {
  const { year, month, day } = local(ms, zone);
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  return daysOn(dayOf(ms, zone), -weekday, zone);
}

/** The seven days of a week, and the end of the last. */
export function daysOf(week: number, zone: string): number[] {
  return Array.from({ length: 8 }, (_, i) => daysOn(week, i, zone));
}

/** How long bookings may last, in seconds: what is offered to choose from. */
export function lengthsOf(calendar: Calendar): number[] {
  const least = calendar.minimum_seconds ?? calendar.grid_seconds;
  const lengths: number[] = [];
  for (let seconds = least; seconds <= calendar.maximum_seconds && lengths.length < 16; seconds += least) {
    lengths.push(seconds);
  }
  return lengths;
}

/** Every start that can be booked for so long: the moments, in their order. */
export function startsOf(free: readonly Free[], seconds: number, grid: number): number[] {
  const starts = new Set<number>();
  for (const { from, to } of free) {
    const last = Date.parse(to) - seconds * 1_000;
    for (let start = Date.parse(from); start <= last; start += grid * 1_000) {
      starts.add(start);
    }
  }
  return [...starts].sort((one, other) => one - other);
}

/** An hour that a day has twice, because its clocks are put back, stands below itself. */
const AGAIN = 0.5;

export interface Wall {
  /** Minutes since midnight, a row each. */
  rows: number[];
  /** Of each day, by minute: the start that can be chosen there. */
  days: { day: number; starts: Map<number, number> }[];
}

/** The starts of a week on a wall of days and times. */
export function wallOf(starts: readonly number[], week: number, zone: string, grid: number): Wall {
  const bounds = daysOf(week, zone);
  const days = bounds.slice(0, 7).map((day, i) => {
    const own = starts.filter((start) => start >= day && start < bounds[i + 1]!);
    const byMinute = new Map<number, number>();
    for (const start of own) {
      const minute = minuteOf(start, zone);
      byMinute.set(byMinute.has(minute) ? minute + AGAIN : minute, start);
    }
    return { day, starts: byMinute };
  });
  const minutes = days.flatMap((day) => [...day.starts.keys()]);
  if (minutes.length === 0) {
    return { rows: [], days };
  }
  const step = Math.max(1, Math.round(grid / 60));
  const rows = new Set(minutes);
  for (let minute = Math.min(...minutes); minute <= Math.max(...minutes); minute += step) {
    rows.add(minute);
  }
  return { rows: [...rows].sort((one, other) => one - other), days };
}

/** The start to go to from another one with an arrow: the next in its day, or the nearest of another day. */
export function next(wall: Wall, from: number, zone: string, key: string): number | undefined {
  const at = wall.days.findIndex(({ starts }) => [...starts.values()].includes(from));
  const own = [...(wall.days[at]?.starts.values() ?? [])].sort((one, other) => one - other);
  const place = own.indexOf(from);
  switch (key) {
    case "ArrowDown":
      return own[place + 1];
    case "ArrowUp":
      return own[place - 1];
    case "Home":
      return own[0];
    case "End":
      return own.at(-1);
    case "ArrowRight":
    case "ArrowLeft": {
      const others = key === "ArrowRight" ? wall.days.slice(at + 1) : wall.days.slice(0, Math.max(0, at)).reverse();
      const minute = minuteOf(from, zone);
      const day = others.find(({ starts }) => starts.size > 0);
      const nearest = [...(day?.starts ?? [])].sort(([one], [other]) => Math.abs(one - minute) - Math.abs(other - minute));
      return nearest[0]?.[1];
    }
    default:
      return undefined;
  }
}
