// Credits, codes and payments: what is needed beside a place. Loaded where a slot or a booking asks for some, so nobody else has it to carry.

import type { JSX } from "preact";
import type { Booking, Slot } from "../api/shapes.ts";
import type { Mine } from "../views/mine.ts";
import type { Act } from "./act.ts";
import { Later } from "./later.tsx";

/** Where the build put what is said of credits and codes. */
declare const MONEY_URL: string;

/** With whom orders can be paid, as the node wrote it into the page. */
export const providers: string[] = [];

/** Whether a booking is paid for here, and not at its organizer's. */
export function isPaidHere({ order, status, amount }: Booking): boolean {
  return !!order || (status === "held" && (amount ?? 0) > 0 && providers.length > 0);
}

export interface PaymentProperties {
  booking: Booking;
  act: Act;
  take: (booking: Booking) => void;
  reload: () => void;
}

export function Payment(given: PaymentProperties): JSX.Element | null {
  return isPaidHere(given.booking) ? <Later url={MONEY_URL} name="Pay" given={given} /> : null;
}

export interface TermsProperties {
  slot: Slot;
  quantity: number;
  mine: Mine;
}

export function Terms({ slot, quantity, mine }: TermsProperties): JSX.Element | null {
  const { credits, code_required } = slot.policy;
  // Where there are prices a code may lower them; a node that knows none does not speak of them.
  const takesCode = code_required === true || (code_required === false && (slot.prices?.length ?? 0) > 0);
  return credits || takesCode ? <Later url={MONEY_URL} name="Needs" given={{ slot, quantity, mine, takesCode }} /> : null;
}
