// What a person has in credits, with each organizer of whom they have booked something for credits.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, Unread } from "../api/ask.ts";
import type { Account, Booking, Package, Slot } from "../api/shapes.ts";
import { clock } from "../live/clock.ts";
import { isUsable } from "../money/account.ts";
import { shortDay, zoneOf } from "../words/format.ts";
import { parts } from "../words/parts.ts";

const said = parts.money;

/** Of each merchant one slot: what is bookable with the same credits. */
export function merchantsOf(bookings: readonly Booking[], slots: Readonly<Record<string, Slot>>): Slot[] {
  const merchants = new Map<string, Slot>();
  for (const { credits, slot: id } of bookings) {
    const slot = slots[id];
    if (credits && slot) {
      merchants.set(addressOf(slot), slot);
    }
  }
  return [...merchants.values()];
}

function addressOf({ organizer, placement }: Slot): string {
  return `/v1/accounts?${new URLSearchParams({ organizer, ...(placement ? { placement } : {}) }).toString()}`;
}

export function Accounts({ bookings, slots }: { bookings: readonly Booking[]; slots: Readonly<Record<string, Slot>> }): JSX.Element | null {
  const merchants = merchantsOf(bookings, slots);
  return merchants.length === 0 ? null : (
    <section class="group">
      <h2>{said.account}</h2>
      {merchants.map((slot) => (
        <Credits key={addressOf(slot)} slot={slot} />
      ))}
    </section>
  );
}

function Credits({ slot }: { slot: Slot }): JSX.Element | null {
  const [account, know] = useState<Account | null>(null);
  const address = addressOf(slot);
  useEffect(() => {
    get<Account>(address).then(know, (error: unknown) => {
      // What one has booked is shown all the same.
      if (!(error instanceof Unread)) {
        throw error;
      }
    });
  }, [address]);
  const live = account?.packages.filter(({ status }) => status === "live") ?? [];
  return live.length === 0 ? null : (
    <dl class="facts">
      <div>
        <dt dir="auto">{slot.placement || slot.organizer}</dt>
        {live.map((one) => (
          <dd key={one.id}>{textOf(one, zoneOf(slot))}</dd>
        ))}
      </div>
    </dl>
  );
}

function textOf(one: Package, zone: string): string {
  const notes = [one.valid_until === null ? "" : said.until(shortDay(one.valid_until, zone)), isUsable(one, 0, clock.now()) ? "" : said.frozen];
  return [said.credits(one.available), ...notes].filter(Boolean).join(", ");
}
