// What was booked further down the page stands at its top: on a small screen nobody would see it.

/** Brings what one has of a slot into sight, once it is drawn. */
export function showMine(): void {
  requestAnimationFrame(() => document.getElementById("mine")?.scrollIntoView({ block: "nearest" }));
}
