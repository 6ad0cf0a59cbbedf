// All of a person's bookings, the newest first.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, settleRest, Unread } from "../api/ask.ts";
import { pause } from "../api/outcome.ts";
import { forget, signedIn } from "../api/session.ts";
import type { Booking, List, Slot } from "../api/shapes.ts";
import { isOpen } from "../live/again.ts";
import { clock } from "../live/clock.ts";
import { Leaf } from "../parts/when.tsx";
import { hour, hours, shortDay, zoneOf } from "../words/format.ts";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import { SignIn } from "../views/sign_in.tsx";
import { to } from "../words/link.ts";
import { Accounts } from "./accounts.tsx";

const said = parts.bookings;

export function BookingsPage(): JSX.Element {
  const [list, show] = useState<List<Booking> | null>(null);
  const [slots, know] = useState<Record<string, Slot>>({});
  const [failed, fail] = useState(0);
  const [busy, work] = useState(false);

  const load = async (after: string | null): Promise<void> => {
    work(true);
    try {
      const { items, next } = await get<List<Booking>>(`/v1/me/bookings${after ? `?after=${encodeURIComponent(after)}` : ""}`);
      show((known) => ({ items: [...(after ? (known?.items ?? []) : []), ...items], next }));
      for (const id of new Set(items.map((booking) => booking.slot))) {
        const slot = await get<Slot>(`/v1/slots/${id}`);
        know((known) => ({ ...known, [id]: slot }));
      }
      fail(0);
    } catch (error) {
      if (!(error instanceof Unread)) {
        throw error;
      }
      if (error.problem.status === 401) {
        forget();
      } else {
        fail((tries) => tries + 1);
      }
    }
    work(false);
  };
  useEffect(() => {
    // What one has is nothing for whoever comes after them.
    show(null);
    void load(null);
    void settleRest(() => undefined).then((settled) => (settled > 0 ? load(null) : undefined));
  }, [signedIn.value]);
  useEffect(() => {
    const timer = failed === 0 ? undefined : setTimeout(() => void load(null), pause(failed + 2, Math.random()));
    return () => clearTimeout(timer);
  }, [failed]);

  const items = list?.items ?? [];
  const isAhead = (booking: Booking): boolean => isOpen(booking) && clock.now() < endOf(booking, slots[booking.slot]);
  const groups: [string, Booking[]][] = [
    [said.now, items.filter(isAhead)],
    [said.over, items.filter((booking) => !isAhead(booking))],
  ];
  return (
    <>
      <div class="hero">
        <h1>{said.title}</h1>
      </div>
      {signedIn.value === null && list === null ? (
        <div class="empty">
          <p>{said.signIn}</p>
          <SignIn label={words.nav.signIn} />
        </div>
      ) : null}
      {list !== null && items.length === 0 ? (
        <div class="empty">
          <h2>{said.none}</h2>
          <p>{said.noneLead}</p>
          <a class="button primary" href={to("/")}>
            {said.find}
          </a>
        </div>
      ) : null}
      <Accounts bookings={items} slots={slots} />
      {groups.map(([title, bookings]) =>
        bookings.length === 0 ? null : (
          <section key={title} class="group">
            <h2>{title}</h2>
            <ol class="programme">
              {bookings.map((booking) => (
                <Row key={booking.id} booking={booking} slot={slots[booking.slot]} />
              ))}
            </ol>
          </section>
        ),
      )}
      {list?.next ? (
        <button class="more" disabled={busy} onClick={() => void load(list.next)}>
          {said.more}
        </button>
      ) : null}
      <p class="said refused" role="status">
        {failed > 0 ? words.noAnswer : ""}
      </p>
    </>
  );
}

/** When what is booked is over; never, as long as nobody has said. */
function endOf(booking: Booking, slot: Slot | undefined): number {
  const end = booking.to ?? slot?.ends_at;
  return end === undefined ? Infinity : Date.parse(end);
}

function Row({ booking, slot }: { booking: Booking; slot: Slot | undefined }): JSX.Element {
  const zone = slot ? zoneOf(slot) : "UTC";
  const time = booking.from && booking.to ? `${shortDay(booking.from, zone)}, ${hours(booking.from, booking.to, zone)}` : null;
  return (
    <li class={`row is-${booking.status}`}>
      <a href={to(`/bookings/${booking.id}`)}>
        {slot ? <Leaf slot={booking.from ? { ...slot, starts_at: booking.from } : slot} /> : <div class="leaf" />}
        <div class="row-what">
          <h3 dir="auto">{slot?.title ?? booking.reference}</h3>
          <p class="quiet">
            {time ?? (slot ? `${shortDay(slot.starts_at, zone)}, ${hour(slot.starts_at, zone)}` : "")} · {words.places(booking.quantity)}
          </p>
        </div>
        <div class="row-left">
          <p class={`status is-${booking.status}`}>{words.bookingStatus[booking.status]}</p>
          <p class="reference quiet" translate={false}>
            {booking.reference}
          </p>
        </div>
      </a>
    </li>
  );
}
