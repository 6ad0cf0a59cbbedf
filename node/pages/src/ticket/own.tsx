// What is one's own: loaded where somebody looks at their bookings, or at one of them.

export { BookingPage } from "./booking.tsx";
export { BookingsPage } from "./bookings.tsx";
