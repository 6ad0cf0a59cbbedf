// One booking, with whatever can be done with it: as a stub beside its slot, and as the whole of its own page.

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Booking, BookingCredits, Frame, Slot } from "../api/shapes.ts";
import { Act } from "../parts/act.ts";
import { Left } from "../parts/left.tsx";
import { Said } from "../parts/said.tsx";
import { isPaidHere, Payment } from "../parts/terms.tsx";
import { hours, money, number, shortDay, zoneOf } from "../words/format.ts";
import { words } from "../words/index.ts";
import { to } from "../words/link.ts";

interface Properties {
  booking: Booking;
  slot: Slot | undefined;
  frame?: Frame | undefined;
  take: (booking: Booking) => void;
  reload: () => void;
  /** Whether it stands on its own page. */
  alone?: boolean;
}

const said = words.booking;

export function Stub({ booking, slot, frame, take, reload, alone }: Properties): JSX.Element {
  const act = useMemo(() => new Act(), [booking.id]);
  const [isLongest, end] = useState(false);
  // What was refused of it as it was says nothing of what it is now: it was accepted in another tab, perhaps.
  useEffect(() => act.clear(), [booking.status]);
  const run = async (verb: string, body?: unknown): Promise<void> => {
    const answer = await act.run<Booking>(`/v1/bookings/${booking.id}/${verb}`, body);
    if (answer) {
      end(verb === "extend" && isCut(answer, slot));
      take(answer);
    } else {
      reload();
    }
  };
  return (
    <article class={`stub is-${booking.status}`} data-status={booking.status} aria-labelledby={`h-${booking.id}`}>
      <header>
        <h2 id={`h-${booking.id}`}>{words.bookingStatus[booking.status]}</h2>
        <p class="reference" translate={false}>
          <span class="spoken">{said.reference} </span>
          {booking.reference}
        </p>
      </header>
      <p class="lead">{leadOf(booking, slot)}</p>
      <Deadline booking={booking} slot={slot} reload={reload} />
      {booking.status === "waitlisted" ? <p class="position">{positionOf(booking, frame)}</p> : null}
      <Facts booking={booking} slot={slot} />
      {isLongest && booking.status === "held" ? <p class="hint" role="status">{said.longest}</p> : null}
      <Payment booking={booking} act={act} take={take} reload={reload} />
      <Buttons booking={booking} slot={slot} act={act} run={run} alone={alone ?? false} />
      <Said act={act} />
    </article>
  );
}

/** Of what was asked for, a little may be over when the answer is here. */
const ALMOST = 0.9;

/** Whether a hold that was extended ends earlier than was asked for: then it cannot be extended again. */
function isCut({ expires_at, expires_in_ms }: Booking, slot: Slot | undefined): boolean {
  return slot !== undefined && expires_at !== null && (expires_in_ms ?? 0) < slot.policy.hold_seconds * 1_000 * ALMOST;
}

function leadOf(booking: Booking, slot: Slot | undefined): string {
  switch (booking.status) {
    case "held":
      if ((booking.amount ?? 0) > 0) {
        return isPaidHere(booking) ? said.payHere : said.payLead;
      }
      return slot?.policy.confirmed_by === "organizer" ? said.heldByOrganizer : said.heldLead;
    case "offered":
      return said.offeredLead;
    case "waitlisted":
      return said.waitlistedLead;
    case "confirmed":
      return said.confirmedLead;
    case "cancelled":
      return said.cancelledLead;
    case "declined":
      return said.declinedLead;
    case "expired":
      return said.expiredLead;
  }
}

/** What the node said when it was asked; and where the slot has changed since, how far it is at most. */
function positionOf({ position, seq }: Booking, frame: Frame | undefined): string {
  const last = position ?? 1;
  const isNow = last === 1 || frame === undefined || frame.seq <= seq;
  return isNow ? said.position(last) : said.positionAtMost(Math.max(1, Math.min(last, frame.counts.waitlisted)));
}

function Deadline({ booking, slot, reload }: Pick<Properties, "booking" | "slot" | "reload">): JSX.Element | null {
  if (booking.expires_at === null || (booking.status !== "held" && booking.status !== "offered")) {
    return null;
  }
  const seconds = booking.status === "held" ? slot?.policy.hold_seconds : slot?.policy.waitlist?.offer_seconds;
  const whole = seconds === undefined ? {} : { whole: seconds * 1_000 };
  return (
    <div class="deadline">
      <span class="label">{said.left}</span>
      <Left until={Date.parse(booking.expires_at)} {...whole} over={reload} />
    </div>
  );
}

export function Facts({ booking, slot }: { booking: Booking; slot: Slot | undefined }): JSX.Element {
  const zone = slot ? zoneOf(slot) : "UTC";
  const rows: [string, string][] = [];
  if (booking.from && booking.to) {
    rows.push([said.time, `${shortDay(booking.from, zone)}, ${hours(booking.from, booking.to, zone)}`]);
  }
  if (booking.resource) {
    rows.push([said.resource, booking.resource]);
  }
  if (booking.seats && booking.seats.length > 0) {
    rows.push([said.seats, booking.seats.map((seat) => seat.replaceAll("/", " · ")).join("\n")]);
  }
  rows.push([said.quantity, booking.lines ? linesOf(booking, slot) : String(booking.quantity)]);
  if (booking.amount && booking.currency) {
    rows.push([said.amount, money(booking.amount, booking.currency)]);
  }
  if (booking.credits && booking.credits.length > 0) {
    rows.push([said.credits, creditsOf(booking.credits)]);
  }
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How many credits it has, by what has become of them. */
function creditsOf(credits: readonly BookingCredits[]): string {
  const sums = new Map<string, number>();
  credits.forEach(({ count, outcome }) => sums.set(outcome, (sums.get(outcome) ?? 0) + count));
  return [...sums].map(([outcome, count]) => `${number(count)} ${said.outcomes[outcome] ?? ""}`).join("\n");
}

function linesOf(booking: Booking, slot: Slot | undefined): string {
  const title = (key: string): string => slot?.products?.find((product) => product.key === key)?.title || key;
  return (booking.lines ?? []).map(({ product, quantity }) => `${quantity} × ${title(product)}`).join("\n");
}

interface ButtonsProperties {
  booking: Booking;
  slot: Slot | undefined;
  act: Act;
  run: (verb: string, body?: unknown) => Promise<void>;
  alone: boolean;
}

function Buttons({ booking, slot, act, run, alone }: ButtonsProperties): JSX.Element {
  const [asks, ask] = useState(false);
  const busy = act.busy;
  const isPaid = (booking.amount ?? 0) > 0;
  const mayConfirm = !booking.order && booking.status === "held" && !isPaid && slot?.policy.confirmed_by !== "organizer";
  const name = { held: said.cancel, waitlisted: said.leave, confirmed: said.cancelConfirmed }[booking.status as "held"];
  return (
    <div class="buttons">
      {mayConfirm ? (
        <button class="primary" disabled={busy} onClick={() => void run("confirm")}>
          {said.confirm}
        </button>
      ) : null}
      {booking.status === "offered" ? (
        <>
          <button class="primary" disabled={busy} onClick={() => void run("accept")}>
            {said.accept}
          </button>
          <button disabled={busy} onClick={() => void run("decline")}>
            {said.decline}
          </button>
        </>
      ) : null}
      {booking.status === "held" && slot && !booking.order ? (
        <button disabled={busy} onClick={() => void run("extend", { hold_seconds: slot.policy.hold_seconds })}>
          {said.extend}
        </button>
      ) : null}
      {!alone ? (
        <a class="button" href={to(`/bookings/${booking.id}`)}>
          {booking.status === "confirmed" ? said.ticket : said.open}
        </a>
      ) : null}
      {alone && booking.status === "confirmed" ? (
        <button class="primary" onClick={() => print()}>
          {said.print}
        </button>
      ) : null}
      {name && !booking.order ? (
        <button class="quiet" disabled={busy} onClick={() => (booking.status === "confirmed" ? ask(true) : void run("cancel"))}>
          {name}
        </button>
      ) : null}
      {asks ? <Sure yes={() => void run("cancel")} close={() => ask(false)} /> : null}
    </div>
  );
}

/** Asked before what cannot be undone. */
export function Sure({ yes, close }: { yes: () => void; close: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="sure" onClose={close}>
      <p id="sure">{said.sure}</p>
      <div class="buttons">
        <button class="danger" onClick={() => (dialog.current?.close(), yes())}>
          {said.sureYes}
        </button>
        <button onClick={() => dialog.current?.close()}>{said.sureNo}</button>
      </div>
    </dialog>
  );
}
