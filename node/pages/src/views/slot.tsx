// The page of a slot: what it is, how much of it is left, and whatever can be done now.

import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { settleRest } from "../api/ask.ts";
import { signedIn } from "../api/session.ts";
import type { Frame, Slot } from "../api/shapes.ts";
import { Later } from "../parts/later.tsx";
import { Left } from "../parts/left.tsx";
import { Spoken } from "../parts/said.tsx";
import { Leaf, When } from "../parts/when.tsx";
import { ticking } from "../live/countdown.ts";
import { watch } from "../live/watch.ts";
import { day, hour, zoneOf } from "../words/format.ts";
import { words } from "../words/index.ts";
import { Counts } from "./counts.tsx";
import { Mine } from "./mine.ts";
import { Stub } from "./stub.tsx";
import { Units } from "./units.tsx";
import { to } from "../words/link.ts";

const said = words.slot;

/** Where the build put the parts that are loaded later. */
declare const SEATS_URL: string;
declare const WEEK_URL: string;

export function SlotPage({ slot: written }: { slot: Slot }): JSX.Element {
  const { frame, slot: told, lost, renew, stop } = useMemo(() => watch(written), [written.id]);
  const mine = useMemo(() => new Mine(written.id, () => void renew()), [written.id]);
  useEffect(() => () => (stop(), mine.again.stop()), [stop]);
  useEffect(() => {
    // Who comes back to it sees what is so by now: what they did in another tab, and what its organizer changed.
    const look = (): void => {
      if (!document.hidden) {
        void renew();
        void mine.load();
      }
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [mine]);
  useEffect(() => {
    void mine.load();
    void settleRest(() => undefined).then((settled) => (settled > 0 ? mine.load() : undefined));
  }, [mine, signedIn.value]);
  useEffect(() => mine.again.plan(frame.value), [frame.value]);

  const now = frame.value;
  const slot = { ...told.value, sale: { ...told.value.sale, opens_at: opensOf(told.value, now) } };
  const state = stateOf(slot, now);
  const bookings = mine.bookings.value;
  const news = mine.news.value;
  const wide = !slot.inventory.units && state === "on_sale";
  return (
    <article class={wide ? "slot wide" : "slot"} data-state={state}>
      <div class="slot-head">
        <Leaf slot={slot} />
        <div>
          <p class={`status is-${state}`}>{words.slotStatus[state]}</p>
          <h1 dir="auto">{slot.title}</h1>
          <p class="lead">
            <When slot={slot} />
          </p>
        </div>
      </div>

      <div class="slot-facts">
        <Counts frame={now} slot={slot} />
        <p class="said refused" role="status">
          {lost.value ? words.noAnswer : ""}
        </p>
        {slot.description ? (
          <p class="about" dir="auto">
            {slot.description}
          </p>
        ) : null}
        <About slot={slot} />
      </div>

      <Spoken text={news ? `${words.bookingStatus[news.status]}: ${words.places(news.quantity)}` : ""} />
      <div class="slot-act" id="mine">
        {bookings.map((booking) => (
          <Stub
            key={booking.id}
            booking={booking}
            slot={slot}
            frame={now}
            take={(changed) => mine.take(changed)}
            reload={() => void mine.load()}
          />
        ))}
        {slot.inventory.units || state !== "on_sale" ? <Panel slot={slot} frame={now} state={state} mine={mine} /> : null}
      </div>

      {wide && slot.inventory.seats ? <Later url={SEATS_URL} name="House" given={{ slot, frame: now, mine }} /> : null}
      {wide && slot.inventory.calendar ? <Later url={WEEK_URL} name="Week" given={{ slot, calendar: slot.inventory.calendar, frame: now, mine }} /> : null}
    </article>
  );
}

/** When the sale opens: the organizer may have said otherwise since the page was written. */
function opensOf({ sale }: Slot, { now, opens_in_ms }: Frame): string | null {
  return opens_in_ms ? new Date(Date.parse(now) + opens_in_ms).toISOString() : sale.opens_at;
}

/** What the slot's status is at this moment: a sale opens by the clock, before anybody has said so. */
export function stateOf(slot: Slot, frame: Frame): Frame["status"] {
  const opens = slot.sale.opens_at;
  if (frame.status !== "scheduled" || opens === null) {
    return frame.status;
  }
  const at = Date.parse(opens);
  return ticking(at).value >= at ? "on_sale" : "scheduled";
}

interface PanelProperties {
  slot: Slot;
  frame: Frame;
  state: Frame["status"];
  mine: Mine;
}

function Panel({ slot, frame, state, mine }: PanelProperties): JSX.Element {
  const opens = slot.sale.opens_at;
  if (state === "on_sale") {
    return <Units slot={slot} frame={frame} mine={mine} />;
  }
  if (state === "scheduled" && opens !== null) {
    const zone = zoneOf(slot);
    return (
      <section class="panel opens" aria-labelledby="opens">
        <h2 id="opens">{said.opensIn}</h2>
        <Left until={Date.parse(opens)} announce={said.announce} lapsed={words.slotStatus.on_sale} />
        <p class="quiet">{said.opensAt(`${day(opens, zone)}, ${hour(opens, zone)}`)}</p>
      </section>
    );
  }
  const text = state === "scheduled" ? said.closed : said[state];
  return (
    <section class="panel">
      <p>{text}</p>
    </section>
  );
}

function About({ slot }: { slot: Slot }): JSX.Element {
  const zone = zoneOf(slot);
  const cutoff = slot.policy.cancel_until_seconds;
  const until = Date.parse(slot.starts_at) - cutoff * 1_000;
  return (
    <dl class="facts">
      <div>
        <dt>{said.organizer}</dt>
        <dd>
          <a href={to(`/?organizer=${encodeURIComponent(slot.organizer)}`)} dir="auto">
            {slot.organizer}
          </a>
        </dd>
      </div>
      {slot.place?.name ? (
        <div>
          <dt>{said.where}</dt>
          <dd dir="auto">{[slot.place.name, slot.place.city].filter(Boolean).join(", ")}</dd>
        </div>
      ) : null}
      {slot.inventory.calendar ? null : (
        <div>
          <dt>{said.cancelUntil}</dt>
          <dd>
            <time dateTime={new Date(until).toISOString()}>{`${day(until, zone)}, ${hour(until, zone)}`}</time>
          </dd>
        </div>
      )}
    </dl>
  );
}
