// The words of what is loaded later, in English: the seat map, the calendar, credits, codes and orders, and what is one's own.

import type { ShopWords } from "./en.ts";

const plural = new Intl.PluralRules("en");

function count(n: number, one: string, other: string): string {
  return `${n.toLocaleString("en")} ${plural.select(n) === "one" ? one : other}`;
}

export const enParts = {
  bookings: {
    title: "My bookings",
    none: "No bookings yet",
    noneLead: "What you hold, wait for and booked appears here.",
    find: "See what’s on",
    signIn: "Sign in to see your bookings.",
    now: "Coming up",
    over: "Over",
    more: "Show more",
  },

  session: {
    title: "Sign in",
    lead: "You come here from the organizer’s own site, which knows who you are.",
    dev: "This node is for trying things out: any name will do.",
    name: "Your name",
    enter: "Sign in",
    working: "Signing you in …",
    failed: "That did not work. The link may be too old: ask the organizer’s site for a new one.",
    is: (name: string): string => `You are signed in as ${name}.`,
    other: (name: string): string => `This link signs you in as ${name}.`,
    on: "Go on",
  },

  map: {
    title: "Choose your seats",
    best: (n: number): string => (n === 1 ? "Best seat" : `Best ${count(n, "seat", "seats")} together`),
    category: "Category",
    list: "Seats as a list",
    section: "Section",
    row: (row: string): string => `Row ${row}`,
    seat: (seat: string): string => `Seat ${seat}`,
    nothingFree: "Nothing free here",
    free: (n: number): string => (n === 0 ? "none free" : `${n.toLocaleString("en")} free`),
    states: ["free", "held by somebody", "taken"],
    mine: "yours",
    asking: "asking",
    conflict: "just taken",
    wheelchair: "space for a wheelchair",
    companion: "companion’s seat",
    restricted: "restricted view",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    whole: "Whole house",
    canvas: "Map of the house. Arrow keys move it, plus and minus zoom. To choose seats without seeing it, use the list above.",
    gone: (seats: string): string => `Somebody was faster: ${seats}.`,
    tapped: (seat: string, state: string): string => `${seat}: ${state}.`,
    legend: "Legend",
    chosen: "Your seats",
    hint: "Tap a seat and it is held for you at once.",
  },

  money: {
    needs: "Needs",
    credits: (n: number): string => count(n, "credit", "credits"),
    have: (n: number): string => `You have ${count(n, "credit", "credits")}.`,
    code: "Code",
    codeIfAny: "Code, if you have one",
    account: "My credits",
    until: (day: string): string => `good until ${day}`,
    frozen: "resting",
    pay: (amount: string): string => `Pay ${amount}`,
    declined: "The payment was declined. Try again, while the time lasts.",
    underWay: "The payment is under way. This page says so when it is done.",
    payments: {
      authorised: "Paid. It is being confirmed.",
      paid: "Paid.",
      part_refunded: "A part of the payment was given back.",
      refunded: "The payment was given back.",
      refund_pending: "The payment is being given back.",
      refund_failed: "The payment could not be given back yet. The organizer knows.",
      returned: "The payment came too late and was given back.",
      disputed: "The payment is disputed.",
    } as Record<string, string>,
  },

  calendar: {
    title: "Choose a time",
    earlier: "Earlier week",
    later: "Later week",
    length: "How long?",
    where: "Which one?",
    any: "Any",
    grid: "Free times",
    taken: "not free",
    none: "Nothing free this week.",
    next: "Look at the next week",
    chosen: (range: string): string => `Chosen: ${range}`,
    hold: (range: string): string => `Hold ${range}`,
    pick: "Pick a time above.",
    minutes: (n: number): string => count(n, "minute", "minutes"),
    hours: (n: number): string => `${n.toLocaleString("en")} ${n === 1 ? "hour" : "hours"}`,
    zone: (zone: string): string => `Times are in ${zone}.`,
    entry: "Add to calendar",
  },
};

export type Parts = typeof enParts;
/** All that a language has to say. */
export type Words = ShopWords & Parts;
