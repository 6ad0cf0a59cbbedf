// The shop's words in English. The type of this table, with that of en_parts.ts, is what every other
// language has to say.

import type { Left } from "../live/countdown.ts";
import type { BookingStatus, SlotStatus } from "../api/shapes.ts";

const plural = new Intl.PluralRules("en");

function count(n: number, one: string, other: string): string {
  return `${n.toLocaleString("en")} ${plural.select(n) === "one" ? one : other}`;
}

const places = (n: number): string => count(n, "place", "places");

const slotStatus: Record<SlotStatus, string> = {
  scheduled: "Not on sale yet",
  on_sale: "On sale",
  closed: "Sale closed",
  finished: "Over",
  cancelled: "Cancelled",
  faulted: "Not available",
};

const bookingStatus: Record<BookingStatus, string> = {
  held: "Held for you",
  offered: "Offered to you",
  waitlisted: "Waiting",
  confirmed: "Confirmed",
  cancelled: "Cancelled",
  declined: "Declined",
  expired: "Lapsed",
};

/** What a refusal means to whoever was refused, by its code. */
const refusals: Record<string, string> = {
  slot_cancelled: "This was cancelled by the organizer.",
  not_on_sale: "This is not on sale at the moment.",
  quantity_too_large: "That is more than there is in all.",
  range_refused: "That time cannot be booked.",
  customer_limit: "That is more than one person may book here.",
  voucher_refused: "This code is not good for this booking.",
  "voucher_refused required": "This needs a code.",
  "voucher_refused unknown": "There is no such code.",
  "voucher_refused used_up": "This code is used up.",
  "voucher_refused expired": "This code is too old.",
  price_changed: "The price has changed. Look at the new one and try again.",
  insufficient_credits: "You do not have enough credits.",
  package_not_usable: "That package cannot be used here.",
  quota_exhausted: "This kind of ticket is sold out.",
  seats_refused: "Somebody was faster: some of these seats are gone.",
  range_taken: "Somebody was faster: that time is taken.",
  leaves_single: "That would leave a single seat alone. Move by one, please.",
  not_together: "There are not enough seats side by side.",
  sold_out: "Sold out.",
  waitlist_full: "The waitlist is full too.",
  in_order: "This belongs to an order.",
  order_paid: "This is paid already.",
  attempts_exhausted: "There were too many tries to pay.",
  not_held: "This is not held any more.",
  hold_expired: "The time to confirm is over. The places went back on sale.",
  not_offered: "This is not offered any more.",
  offer_expired: "The offer has lapsed and went to the next in line.",
  too_late: "It is too late to cancel.",
  already_over: "This is over already.",
  payment_required: "This has to be paid before it is confirmed.",
  unauthenticated: "Your session is over. Sign in again.",
  session_ended: "Your session is over. Sign in again.",
  forbidden: "You may not do that.",
  not_found: "There is no such thing here.",
  no_answer: "The server does not answer.",
};

export const en = {
  nav: { label: "Main", bookings: "My bookings", signIn: "Sign in", signOut: "Sign out" },
  slotStatus,
  bookingStatus,
  refusal: (code: string, reason = ""): string => refusals[`${code} ${reason}`] ?? refusals[code] ?? "That was refused.",

  asking: "Asking …",
  askingAgain: "Busy. Asking again …",
  unknown: "No answer yet. It may be done already: we are asking again, and it will not happen twice.",
  loading: "Loading …",
  noAnswer: "The server does not answer. This page will try again.",

  list: {
    title: "What’s on",
    lead: "Find something you like, and take a place.",
    organizer: "Organizer",
    all: "All",
    status: "Show",
    apply: "Apply",
    none: "Nothing here yet",
    noneLead: "When an organizer offers something, it appears here.",
    more: "Show more",
    filters: "Filter",
  },
  free: (n: number): string => (n === 0 ? "Sold out" : `${places(n)} left`),
  freeOf: (free: number, capacity: number): string => `${free.toLocaleString("en")} of ${capacity.toLocaleString("en")} free`,
  waiting: (n: number): string => `${count(n, "person is", "people are")} waiting`,
  nobodyWaits: "Nobody is waiting",
  places,
  times: "Choose a time",

  slot: {
    opensIn: "Sale opens in",
    opensAt: (time: string): string => `Sale opens ${time}`,
    held: "Held",
    sold: "Sold",
    waits: "Waiting",
    quantity: "How many?",
    fewer: "One fewer",
    more: "One more",
    hold: (n: number): string => `Hold ${places(n)}`,
    holdLead: (time: string): string => `Yours for ${time}. Confirm when you are ready.`,
    announce: (left: string): string => `The sale opens in ${left}.`,
    join: (n: number): string => `Join the waitlist for ${places(n)}`,
    joinLead: "If places come back, they go to the waitlist in order.",
    full: "Sold out",
    noWaitlist: "Sold out, and there is no waitlist.",
    tooMany: (n: number): string => `Only ${places(n)} can be had at once right now; more will wait for their turn.`,
    limit: (n: number): string => `At most ${places(n)} a person.`,
    signIn: "Sign in to book",
    more_: "Book more",
    otherZone: (time: string): string => `${time} where you are`,
    organizer: "Organizer",
    where: "Where",
    cancelUntil: "Can be cancelled until",
    tickets: "Tickets",
    total: "Total",
    closed: "Sale is closed.",
    finished: "This is over.",
    cancelled: "This was cancelled by the organizer.",
    faulted: "This cannot be booked at the moment.",
  },

  booking: {
    title: "Booking",
    ticket: "Ticket",
    reference: "Reference",
    quantity: "Places",
    seats: "Seats",
    time: "Time",
    resource: "Where",
    amount: "To pay",
    credits: "Credits",
    outcomes: { reserved: "kept for this", spent: "used", released: "given back", forfeited: "lost" } as Record<string, string>,
    confirm: "Confirm",
    extend: "More time",
    cancel: "Give back",
    cancelConfirmed: "Cancel booking",
    leave: "Leave the waitlist",
    accept: "Accept",
    decline: "Decline",
    open: "Open",
    print: "Print ticket",
    sure: "Cancel this booking? The places go to the next in line.",
    sureYes: "Yes, cancel it",
    sureNo: "Keep it",
    heldLead: "These places are yours until the time runs out.",
    heldByOrganizer: "The organizer confirms this booking.",
    payLead: "This booking has a price. The organizer confirms it when it is paid.",
    payHere: "These places are yours once they are paid.",
    offeredLead: "Places came back, and it is your turn. There is no more time than this: others wait behind you.",
    longest: "It cannot be held any longer: others would like to have it too.",
    waitlistedLead: "You keep your place in line, also when you close this page.",
    confirmedLead: "See you there. Show this page or print it.",
    cancelledLead: "This booking was cancelled.",
    declinedLead: "You declined this offer.",
    expiredLead: "The time ran out, and the places went to others.",
    position: (n: number): string => `Number ${n.toLocaleString("en")} in line`,
    positionAtMost: (n: number): string => `At most number ${n.toLocaleString("en")} in line`,
    left: "Time left",
    again: "Book again",
    event: "See event",
  },

  left: (left: Left): string => {
    switch (left.unit) {
      case "over":
        return "no time";
      case "clock":
        return left.minutes === 0
          ? count(left.seconds, "second", "seconds")
          : `${count(left.minutes, "minute", "minutes")} ${count(left.seconds, "second", "seconds")}`;
      default:
        return count(left.count, left.unit, `${left.unit}s`);
    }
  },
  announce: (left: string): string => `${left} left to decide.`,
  lapsed: "The time is over.",
};

export type ShopWords = typeof en;
