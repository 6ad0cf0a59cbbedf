// What the node says, as far as the pages read it. Whatever else is in an answer is left alone: readers ignore what they do not know.

/** RFC 3339, UTC, milliseconds. */
export type Time = string;

export type SlotStatus = "scheduled" | "on_sale" | "closed" | "finished" | "cancelled" | "faulted";
export type BookingStatus = "held" | "offered" | "waitlisted" | "confirmed" | "cancelled" | "declined" | "expired";

export interface CategoryCounts {
  capacity: number;
  free: number;
  held: number;
  offered: number;
  confirmed: number;
  waitlisted: number;
  largest_block: number;
}

export interface Counts {
  capacity: number;
  /** Null where it is a calendar: what is free there depends on when. */
  free: number | null;
  held: number;
  offered: number;
  confirmed: number;
  waitlisted: number;
  categories?: Record<string, CategoryCounts>;
}

export interface Calendar {
  count?: number;
  resources?: string[];
  grid_seconds: number;
  minimum_seconds?: number;
  maximum_seconds: number;
  lead_seconds: number;
  horizon_seconds: number;
  time_zone: string;
}

export interface Product {
  key: string;
  title: string;
  categories?: string[] | null;
}

export interface Price {
  product: string | null;
  category: string | null;
  amount: number;
  from: Time | null;
  until: Time | null;
}

export interface Waitlist {
  capacity: number;
  promotion: "confirm" | "offer";
  offer_seconds: number;
}

export interface Slot {
  id: string;
  organizer: string;
  /** Under which name of its organizer's it sells, if not under the organizer's own. */
  placement?: string | null;
  title: string;
  status: SlotStatus;
  seq: number;
  starts_at: Time;
  ends_at: Time;
  sale: { opens_at: Time | null; closes_at: Time | null };
  inventory: { units?: { capacity: number }; seats?: { map: string }; calendar?: Calendar };
  policy: {
    confirmed_by: "customer" | "organizer";
    hold_seconds: number;
    hold_seconds_max: number;
    customer_limit: number | null;
    cancel_until_seconds: number;
    waitlist: Waitlist | null;
    /** What a unit costs of what one has with its organizer; a node that knows no credits leaves it out, and codes likewise. */
    credits?: { price: number } | null;
    code_required?: boolean;
  };
  counts: Counts;
  bookable: number | null;
  opens_in_ms?: number;
  products?: Product[] | null;
  prices?: Price[] | null;
  currency?: string | null;
  place?: { name?: string; city?: string; time_zone?: string } | null;
  description?: string | null;
}

export interface Line {
  product: string;
  quantity: number;
}

export interface Booking {
  id: string;
  slot: string;
  customer: string;
  quantity: number;
  status: BookingStatus;
  mode: "hold" | "confirm";
  seq: number;
  reference: string;
  position: number | null;
  expires_at: Time | null;
  expires_in_ms?: number | null;
  created_at: Time;
  seats?: string[];
  areas?: Record<string, number>;
  together?: boolean | null;
  from?: Time;
  to?: Time;
  resource?: string | null;
  lines?: Line[];
  amount?: number | null;
  currency?: string | null;
  credits?: BookingCredits[];
  /** `ord_…`: then it is confirmed, extended and cancelled with its order. */
  order?: string | null;
}

export interface BookingCredits {
  package: string;
  count: number;
  outcome: string;
}

/** What is paid together. */
export interface Order {
  id: string;
  status: "collecting" | "held" | "confirmed" | "refused" | "cancelled" | "expired";
  settled?: boolean;
  payment: string;
  items: { booking?: Booking }[];
  attempt: Attempt | null;
  seq: number;
}

/** One try to pay it. */
export interface Attempt {
  status: string;
  redirect_url?: string;
}

/** What a customer has with an organizer. */
export interface Account {
  packages: Package[];
}

export interface Package {
  id: string;
  available: number;
  reserved: number;
  valid_until: Time | null;
  frozen: { from: Time; until: Time } | null;
  status: string;
}

export interface List<Item> {
  items: Item[];
  next: string | null;
}

export interface Conflict {
  seat?: string;
  reason?: string;
  from?: Time;
  to?: Time;
}

/** RFC 9457, with what this contract adds. */
export interface Problem {
  status: number;
  code: string;
  detail?: string;
  seq?: number;
  conflicts?: Conflict[];
  largest_block?: number;
  reason?: string;
  errors?: { pointer: string; detail: string }[];
}

/** What a live stream tells of a slot. */
export interface Frame {
  seq: number;
  now: Time;
  status: SlotStatus;
  counts: Counts;
  bookable: number | null;
  opens_in_ms?: number;
}

/** The state of a house's seats at a seq. */
export interface SeatState {
  seq: number;
  map: string;
  rows: Record<string, string>;
  areas: Record<string, { capacity: number; free: number }>;
}

/** What changed of them since another seq. */
export interface SeatChange {
  after: number;
  seq: number;
  runs: [number, number, string][];
  areas: Record<string, number>;
}

export interface SeatmapRow {
  key: string;
  seats: string[];
  category: string;
  categories?: Record<string, string[]>;
  at?: number[];
  to?: number[];
  accessible?: string[];
  companion?: string[];
  restricted?: string[];
}

export interface Seatmap {
  /** Where names are left out, keys are names. */
  categories: { key: string; name?: string }[];
  sections: { key: string; name?: string; rows: SeatmapRow[] }[];
  areas?: { key: string; name?: string; category: string; capacity: number }[];
}

export interface Free {
  from: Time;
  to: Time;
  free: number;
  resource: string | null;
}

/** What the node wrote into the page. */
export interface PageData {
  now: Time;
  dev: boolean;
  build: string;
  slot?: Slot;
  slots?: List<Slot>;
  booking?: Booking;
  /** With whom orders can be paid; a node that knows none leaves it out. */
  providers?: string[];
}
