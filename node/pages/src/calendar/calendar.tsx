// Booking a time: a week of what is free, how long, which one, and one press.

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, Unread } from "../api/ask.ts";
import { signedIn } from "../api/session.ts";
import type { Booking, Calendar, Frame, Free, List, Slot } from "../api/shapes.ts";
import { spread } from "../live/again.ts";
import { clock } from "../live/clock.ts";
import { persist } from "../live/persist.ts";
import { Act } from "../parts/act.ts";
import { Said } from "../parts/said.tsx";
import { showMine } from "../parts/show.ts";
import { Terms } from "../parts/terms.tsx";
import type { Mine } from "../views/mine.ts";
import { SignIn } from "../views/sign_in.tsx";
import { hour, hours, leaf, shortDay, zoneOf } from "../words/format.ts";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import type { Wall } from "./week.ts";
import { daysOf, daysOn, lengthsOf, minuteOf, next, startsOf, wallOf, weekOf } from "./week.ts";

const said = parts.calendar;
/** A week of a busy house is a few pages; more than this many are not shown. */
const PAGES_MAX = 20;
/** How soon it is read again when somebody else has booked, at least, and the later the busier it is: thousands may look at it. */
const REST_MS = 2_000;

interface Properties {
  slot: Slot;
  calendar: Calendar;
  frame: Frame;
  mine: Mine;
}

export function Week({ slot, calendar, frame, mine }: Properties): JSX.Element {
  const zone = zoneOf(slot);
  const act = useMemo(() => new Act(mine.renew), [slot.id]);
  const first = weekOf(Math.max(clock.now(), Date.parse(slot.starts_at)), zone);
  const last = weekOf(Math.min(clock.now() + calendar.horizon_seconds * 1_000, Date.parse(slot.ends_at)), zone);
  const [week, turn] = useState(first);
  const [seconds, stretch] = useState(lengthsOf(calendar)[0] ?? calendar.grid_seconds);
  const [resource, want] = useState("");
  const [chosen, choose] = useState<number | null>(null);
  const own = mine.bookings.value.map(({ id, status }) => `${id} ${status}`).join();
  const { free, failed, renew } = useFree(slot, frame, { week, seconds, resource, zone, own });

  const starts = startsOf(free ?? [], seconds, calendar.grid_seconds);
  const wall = wallOf(starts, week, zone, calendar.grid_seconds);
  const start = chosen !== null && starts.includes(chosen) ? chosen : null;
  const range = start === null ? null : `${shortDay(start, zone)}, ${hours(start, start + seconds * 1_000, zone)}`;

  const book = async (): Promise<void> => {
    if (start === null) {
      return;
    }
    const booking = await act.run<Booking>(`/v1/slots/${slot.id}/bookings`, {
      from: new Date(start).toISOString(),
      to: new Date(start + seconds * 1_000).toISOString(),
      ...(resource === "" ? {} : { resource }),
      mode: "hold",
      when_full: "refuse",
      ...mine.more(),
    });
    if (booking) {
      choose(null);
      mine.take(booking);
      showMine();
    } else {
      // What was in the way is shown.
      renew();
    }
  };

  return (
    <section class="week" aria-labelledby="week">
      <div class="house-head">
        <h2 id="week">{said.title}</h2>
        <p class="quiet">{said.zone(zone.replaceAll("_", " "))}</p>
      </div>
      <div class="week-asks">
        <label class="field">
          <span>{said.length}</span>
          <select value={String(seconds)} onChange={(event) => stretch(Number(event.currentTarget.value))}>
            {lengthsOf(calendar).map((length) => (
              <option key={length} value={String(length)}>
                {lengthText(length)}
              </option>
            ))}
          </select>
        </label>
        {calendar.resources ? (
          <label class="field">
            <span>{said.where}</span>
            <select value={resource} onChange={(event) => want(event.currentTarget.value)}>
              <option value="">{said.any}</option>
              {calendar.resources.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        <div class="week-turn">
          <button type="button" aria-label={said.earlier} disabled={week <= first} onClick={() => turn(daysOn(week, -7, zone))}>
            <span aria-hidden="true">←</span>
          </button>
          <p aria-live="polite">
            {shortDay(week, zone)} – {shortDay(daysOn(week, 6, zone), zone)}
          </p>
          <button type="button" aria-label={said.later} disabled={week >= last} onClick={() => turn(daysOn(week, 7, zone))}>
            <span aria-hidden="true">→</span>
          </button>
        </div>
      </div>
      <p class="said refused" role="status">
        {failed ? words.noAnswer : ""}
      </p>
      <div class="week-wall" aria-busy={free === null}>
        {free !== null && starts.length === 0 ? (
          <div class="empty">
            <p>{said.none}</p>
            {week < last ? (
              <button type="button" onClick={() => turn(daysOn(week, 7, zone))}>
                {said.next}
              </button>
            ) : null}
          </div>
        ) : (
          <Grid wall={wall} zone={zone} seconds={seconds} chosen={start} choose={choose} />
        )}
      </div>
      <Terms slot={slot} quantity={1} mine={mine} />
      <div class="week-act">
        <p class="quiet">{range === null ? said.pick : said.chosen(range)}</p>
        {signedIn.value === null ? (
          <SignIn />
        ) : (
          <button class="primary big" disabled={start === null || act.busy} onClick={() => void book()}>
            {act.busy ? words.asking : range === null ? said.title : said.hold(range)}
          </button>
        )}
        <Said act={act} />
      </div>
    </section>
  );
}

function lengthText(seconds: number): string {
  return seconds % 3_600 === 0 ? said.hours(seconds / 3_600) : seconds > 3_600 ? said.hours(seconds / 3_600) : said.minutes(seconds / 60);
}

interface Wanted {
  week: number;
  seconds: number;
  resource: string;
  zone: string;
  /** What one has oneself, and how it stands: what became of it is seen at once. */
  own: string;
}

function useFree(slot: Slot, frame: Frame, wanted: Wanted): { free: Free[] | null; failed: boolean; renew: () => void } {
  const { week, seconds, resource, own } = wanted;
  const [free, know] = useState<Free[] | null>(null);
  const [failed, fail] = useState(false);
  const [asked, ask] = useState(0);
  const renew = (): void => ask((times) => times + 1);
  useEffect(() => know(null), [week]);
  useEffect(() => {
    const read = async (_tries: number, isOver: () => boolean): Promise<boolean> => {
      try {
        const items = await freeOf(slot, wanted);
        if (!isOver()) {
          know(items);
          fail(false);
        }
        return true;
      } catch (error) {
        if (!(error instanceof Unread)) {
          throw error;
        }
        if (!isOver()) {
          fail(true);
        }
        return false;
      }
    };
    return persist(read, 1);
  }, [week, seconds, resource, own, asked]);

  // What was free at another seq may not be any more: however often it changes meanwhile, it is read once.
  const seen = useRef(frame.seq);
  const planned = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (frame.seq !== seen.current) {
      seen.current = frame.seq;
      planned.current ??= setTimeout(() => {
        planned.current = undefined;
        renew();
      }, spread(REST_MS, frame) * (0.5 + Math.random()));
    }
  }, [frame.seq]);
  useEffect(() => () => clearTimeout(planned.current), []);
  return { free, failed, renew };
}

/** What is free of a week, by now. */
async function freeOf(slot: Slot, { week, seconds, resource, zone }: Wanted): Promise<Free[]> {
  const end = daysOf(week, zone)[7]!;
  const from = Math.max(week, Math.floor(clock.now()), Date.parse(slot.starts_at));
  const items: Free[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX && from < end; page += 1) {
    const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(end).toISOString(), seconds: String(seconds), limit: "200" });
    if (resource !== "") {
      query.set("resource", resource);
    }
    if (after !== null) {
      query.set("after", after);
    }
    const list: List<Free> = await get<List<Free>>(`/v1/slots/${slot.id}/free?${query.toString()}`);
    items.push(...list.items);
    after = list.next;
    if (after === null) {
      break;
    }
  }
  return items;
}

interface GridProperties {
  wall: Wall;
  zone: string;
  seconds: number;
  chosen: number | null;
  choose: (start: number) => void;
}

function Grid({ wall, zone, seconds, chosen, choose }: GridProperties): JSX.Element {
  const [focused, focus] = useState<number | null>(null);
  const all = wall.days.flatMap(({ starts }) => [...starts.values()]);
  const tabbed = [focused, chosen, all[0]].find((start) => start !== null && start !== undefined && all.includes(start));

  const press = (event: KeyboardEvent, start: number): void => {
    const to = next(wall, start, zone, event.key);
    if (to !== undefined) {
      event.preventDefault();
      focus(to);
      document.getElementById(`start-${to}`)?.focus();
    }
  };
  return (
    <table role="grid" aria-label={said.grid}>
      <thead>
        <tr>
          <td />
          {wall.days.map(({ day }) => {
            const date = leaf(day, zone);
            return (
              <th key={day} scope="col">
                <span>{date.weekday}</span>
                <strong>{date.day}</strong>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {wall.rows.map((minute) => (
          <tr key={minute} class={minute % 60 === 0 ? "whole" : ""}>
            <th scope="row">{minute % 60 === 0 ? clockText(minute) : <span class="spoken">{clockText(minute)}</span>}</th>
            {wall.days.map(({ day, starts }) => {
              const start = starts.get(minute);
              const inside = chosen !== null && isInside(day, minute, chosen, seconds, zone);
              if (start === undefined) {
                return (
                  <td key={day} class={inside ? "inside" : ""}>
                    <span class="spoken">{said.taken}</span>
                  </td>
                );
              }
              return (
                <td key={day} class={inside ? "inside" : "free"}>
                  <button
                    type="button"
                    id={`start-${start}`}
                    tabIndex={start === tabbed ? 0 : -1}
                    aria-pressed={start === chosen}
                    aria-label={`${shortDay(start, zone)}, ${hours(start, start + seconds * 1_000, zone)}${Number.isInteger(minute) ? "" : ` (${hour(start, zone)})`}`}
                    onClick={() => choose(start)}
                    onFocus={() => focus(start)}
                    onKeyDown={(event) => press(event, start)}
                  >
                    <span aria-hidden="true">{hour(start, zone, Number.isInteger(minute))}</span>
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(Math.floor(minute % 60)).padStart(2, "0")}`;
}

/** Whether a cell lies within what is chosen. */
function isInside(day: number, minute: number, chosen: number, seconds: number, zone: string): boolean {
  const begin = minuteOf(chosen, zone);
  const sameDay = chosen >= day && chosen < daysOn(day, 1, zone);
  return sameDay && minute >= begin && minute < begin + seconds / 60;
}
