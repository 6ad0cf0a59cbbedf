// Booking places that are all alike: how many, of which kind, and one press.

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { signedIn } from "../api/session.ts";
import { priceOf, totalOf } from "../api/price.ts";
import type { Booking, Frame, Line, Slot } from "../api/shapes.ts";
import { isOpen } from "../live/again.ts";
import { clock } from "../live/clock.ts";
import { leftOf } from "../live/countdown.ts";
import { Act } from "../parts/act.ts";
import { early } from "../parts/early.ts";
import { Said } from "../parts/said.tsx";
import { Stepper } from "../parts/stepper.tsx";
import { Terms } from "../parts/terms.tsx";
import { money } from "../words/format.ts";
import { words } from "../words/index.ts";
import { SignIn } from "./sign_in.tsx";
import type { Mine } from "./mine.ts";

const said = words.slot;
const QUANTITY_MAX = 1_000;

interface Properties {
  slot: Slot;
  frame: Frame;
  mine: Mine;
}

export function Units({ slot, frame, mine }: Properties): JSX.Element {
  const act = useMemo(() => new Act(mine.renew), [slot.id]);
  const products = slot.products ?? [];
  const [many, count] = useState<Record<string, number>>(products.length > 0 ? { [products[0]!.key]: 1 } : { "": 1 });
  const keys = products.length > 0 ? products.map(({ key }) => key) : [""];
  const quantity = keys.reduce((sum, key) => sum + (many[key] ?? 0), 0);

  // Before the first frame after the opening nobody has said what is bookable; what is free is.
  const bookable = frame.status === "on_sale" ? (frame.bookable ?? 0) : (frame.counts.free ?? 0);
  const waitlist = slot.policy.waitlist;
  const waits = waitlist !== null && quantity > bookable;
  // Where nobody can wait, more than there is cannot be asked for.
  const max = Math.min(QUANTITY_MAX, slot.policy.customer_limit ?? QUANTITY_MAX, Math.max(1, waitlist ? frame.counts.capacity : bookable));
  const isTooMany = waitlist === null && quantity > bookable;

  const lines: Line[] = products.flatMap(({ key }) => (many[key] ? [{ product: key, quantity: many[key] }] : []));
  const total = products.length > 0 ? totalOf(slot, lines, null, clock.now()) : totalOf(slot, [{ product: "", quantity }], null, clock.now());

  const book = async (): Promise<void> => {
    const body = {
      ...(products.length > 0 ? { lines } : { quantity }),
      mode: "hold",
      when_full: waitlist ? "waitlist" : "refuse",
      // What a code makes of the price nobody here knows.
      ...(total === undefined || mine.code.value ? {} : { expect_amount: total }),
      ...mine.more(),
    };
    const booking = await early(slot, act, () => act.run<Booking>(`/v1/slots/${slot.id}/bookings`, body));
    if (booking) {
      mine.take(booking);
    }
  };

  return (
    <section class="panel buy" aria-labelledby="buy">
      <h2 id="buy">{mine.bookings.value.some(isOpen) ? said.more_ : bookable === 0 ? said.full : said.quantity}</h2>
      {bookable === 0 && !waitlist ? (
        <p>{said.noWaitlist}</p>
      ) : (
        <>
          {products.length > 0 ? (
            products.map((product) => (
              <Stepper
                key={product.key}
                name={product.key}
                label={<ProductLabel slot={slot} name={product.title || product.key} price={priceOf(slot, product.key, null, clock.now())} />}
                value={many[product.key] ?? 0}
                min={0}
                max={max}
                change={(n) => count({ ...many, [product.key]: n })}
              />
            ))
          ) : (
            <Stepper name="units" label={<span class="spoken">{said.quantity}</span>} value={quantity} min={1} max={max} change={(n) => count({ "": n })} />
          )}
          {total === undefined ? null : (
            <p class="total">
              <span>{said.total}</span> <strong>{money(total, slot.currency ?? "EUR")}</strong>
            </p>
          )}
          <Terms slot={slot} quantity={quantity} mine={mine} />
          {waits && bookable > 0 ? <p class="hint">{said.tooMany(bookable)}</p> : null}
          {isTooMany ? <p class="hint">{words.free(bookable)}.</p> : null}
          {signedIn.value === null ? (
            <SignIn />
          ) : (
            <button class="primary big" disabled={act.busy || quantity === 0 || isTooMany} onClick={() => void book()}>
              {act.busy ? words.asking : waits ? said.join(quantity) : said.hold(quantity)}
            </button>
          )}
          <p class="quiet">{waits ? `${said.joinLead} ${frame.counts.waitlisted > 0 ? words.waiting(frame.counts.waitlisted) : words.nobodyWaits}.` : said.holdLead(words.left(leftOf(slot.policy.hold_seconds * 1_000)))}</p>
          {slot.policy.customer_limit ? <p class="quiet">{said.limit(slot.policy.customer_limit)}</p> : null}
        </>
      )}
      <Said act={act} />
    </section>
  );
}

function ProductLabel({ slot, name, price }: { slot: Slot; name: string; price: number | null | undefined }): JSX.Element {
  return (
    <>
      <span dir="auto">{name}</span>
      {price === undefined || price === null ? null : <span class="quiet price">{money(price, slot.currency ?? "EUR")}</span>}
    </>
  );
}
