// One booking on a page of its own: what became of it, what can be done, and once it is confirmed, the ticket.

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, settleRest, Unread } from "../api/ask.ts";
import { forget, signedIn } from "../api/session.ts";
import type { Booking, Frame, Slot } from "../api/shapes.ts";
import { Again, isOpen } from "../live/again.ts";
import { persist } from "../live/persist.ts";
import { watch } from "../live/watch.ts";
import { Spoken } from "../parts/said.tsx";
import { Leaf, When } from "../parts/when.tsx";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import { SignIn } from "../views/sign_in.tsx";
import { Stub } from "../views/stub.tsx";
import { to } from "../words/link.ts";
import { entryOf } from "./entry.ts";

const said = words.booking;

interface Properties {
  id: string;
  booking: Booking | undefined;
  slot: Slot | undefined;
}

export function BookingPage(properties: Properties): JSX.Element {
  const [booking, show] = useState(properties.booking);
  const [slot, know] = useState(properties.slot);
  const [problem, fail] = useState<string | null>(null);
  const [frame, hear] = useState<Frame | undefined>(undefined);
  const own = useRef(booking);
  own.current = booking;

  const load = async (): Promise<void> => {
    try {
      const found = await get<Booking>(`/v1/bookings/${properties.id}`);
      // Whoever reads it again looks at it before it is drawn.
      own.current = found;
      show(found);
      fail(null);
      if (slot === undefined) {
        know(await get<Slot>(`/v1/slots/${found.slot}`));
      }
    } catch (error) {
      if (!(error instanceof Unread)) {
        throw error;
      }
      if (error.problem.status === 401) {
        forget();
      }
      if (error.problem.status === 403 || error.problem.status === 404) {
        // It is not theirs who are here now. Whose session is over still shows it at the door.
        show(undefined);
      }
      fail(error.problem.code);
    }
  };
  useEffect(() => {
    void load();
    void settleRest(() => undefined).then((settled) => (settled > 0 ? load() : undefined));
  }, [signedIn.value]);

  // While it is open, whatever happens to the slot may have happened to it.
  const isLive = slot !== undefined && booking !== undefined && isOpen(booking);
  useEffect(() => {
    if (!isLive || slot === undefined) {
      return undefined;
    }
    const { frame: live, stop } = watch(slot);
    const again = new Again(() => (own.current ? [own.current] : []), load);
    const forgetIt = live.subscribe((next) => {
      hear(next);
      again.plan(next);
    });
    return () => {
      again.stop();
      forgetIt();
      stop();
    };
  }, [isLive, slot?.id]);

  if (booking === undefined) {
    return <Absent problem={problem} />;
  }
  return (
    <div class="alone">
      {slot ? (
        <div class="slot-head">
          <Leaf slot={booking.from ? { ...slot, starts_at: booking.from } : slot} />
          <div>
            <p class="status">{booking.status === "confirmed" ? said.ticket : said.title}</p>
            <h1 dir="auto">{slot.title}</h1>
            {booking.from ? null : (
              <p class="lead">
                <When slot={slot} />
              </p>
            )}
          </div>
        </div>
      ) : (
        <h1>{said.title}</h1>
      )}
      <Spoken text={words.bookingStatus[booking.status]} />
      <Stub booking={booking} slot={slot} frame={frame} take={show} reload={() => void load()} alone />
      {booking.status === "confirmed" ? <Code /> : null}
      {booking.status === "confirmed" && slot ? <Entry booking={booking} slot={slot} /> : null}
      {slot ? (
        <p class="onward">
          <a href={to(`/slots/${slot.id}`)}>{["cancelled", "declined", "expired"].includes(booking.status) ? said.again : said.event}</a>
        </p>
      ) : null}
    </div>
  );
}

function Absent({ problem }: { problem: string | null }): JSX.Element {
  if (signedIn.value === null) {
    return (
      <div class="empty">
        <h1>{said.title}</h1>
        <p>{parts.bookings.signIn}</p>
        <SignIn label={words.nav.signIn} />
      </div>
    );
  }
  return (
    <div class="empty">
      <h1>{said.title}</h1>
      <p role="status">{problem === null ? words.loading : words.refusal(problem)}</p>
    </div>
  );
}

/** The booking for one's own calendar, made here: nothing need be asked for. */
function Entry({ booking, slot }: { booking: Booking; slot: Slot }): JSX.Element {
  const text = entryOf(booking, slot, location.href);
  const address = useMemo(() => URL.createObjectURL(new Blob([text], { type: "text/calendar" })), [text]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return (
    <p class="onward">
      <a class="button" href={address} download={`${booking.reference}.ics`}>
        {parts.calendar.entry}
      </a>
    </p>
  );
}

/** So often the node is asked to draw a code. */
const TRIES_MAX = 8;

/** The code that the node draws into the page of a confirmed booking: shown where it is looked for. */
function Code(): JSX.Element | null {
  const [drawn, know] = useState<Element | null>(document.querySelector("#plain svg.qr"));
  useEffect(() => {
    const draw = async (tries: number): Promise<boolean> => {
      const found = await drawnNow();
      know(found);
      return found !== null || tries >= TRIES_MAX;
    };
    return drawn === null ? persist(draw, 0) : undefined;
  }, []);
  return drawn ? <div class="code" ref={(place) => place?.replaceChildren(document.importNode(drawn, true))} /> : null;
}

/** What the node draws now: the page is asked for once more, where it was not confirmed yet when it came. */
function drawnNow(): Promise<Element | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.addEventListener("loadend", () => resolve(request.responseXML?.querySelector("#plain svg.qr") ?? null));
    request.open("GET", location.href);
    request.send();
  });
}
