// When and where, as on a leaf of a calendar and as a line.

import type { JSX } from "preact";
import type { Slot } from "../api/shapes.ts";
import { day, hour, isElsewhere, leaf, span, zoneOf } from "../words/format.ts";
import { words } from "../words/index.ts";

export function Leaf({ slot }: { slot: Slot }): JSX.Element {
  const { weekday, day, month } = leaf(slot.starts_at, zoneOf(slot));
  return (
    <div class="leaf" aria-hidden="true">
      <span>{weekday}</span>
      <strong>{day}</strong>
      <span>{month}</span>
    </div>
  );
}

export function When({ slot }: { slot: Slot }): JSX.Element {
  const zone = zoneOf(slot);
  if (slot.inventory.calendar) {
    return (
      <span>
        {day(slot.starts_at, zone)} – {day(slot.ends_at, zone)}
      </span>
    );
  }
  return (
    <>
      <time dateTime={slot.starts_at}>{span(slot.starts_at, slot.ends_at, zone)}</time>
      {isElsewhere(zone, slot.starts_at) ? (
        <span class="quiet elsewhere">{words.slot.otherZone(hour(slot.starts_at))}</span>
      ) : null}
    </>
  );
}
