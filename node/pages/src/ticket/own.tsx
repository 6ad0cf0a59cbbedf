// What is one's own: loaded where somebody looks at their bookings, or at one of them, or signs in.

export { BookingPage } from "./booking.tsx";
export { BookingsPage } from "./bookings.tsx";
export { SessionPage } from "./session.tsx";
