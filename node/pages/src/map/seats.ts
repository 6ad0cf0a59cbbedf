// What of the map is loaded only where a slot has seats.

export { SeatCanvas } from "./canvas.ts";
export { apply, decode, fits, FREE, HELD, TAKEN } from "./codec.ts";
export { COLOURS } from "./draw.ts";
export { ACCESSIBLE, COMPANION, nameOf, numberOf, planOf, RESTRICTED, seatOf } from "./geometry.ts";
