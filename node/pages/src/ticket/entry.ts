// A booking as an entry for anybody's calendar (RFC 5545).

import type { Booking, Slot } from "../api/shapes.ts";

/** Octets of a line, without its end. */
const LINE_OCTETS_MAX = 75;

export function entryOf(booking: Booking, slot: Slot, address: string): string {
  const where = [slot.place?.name, slot.place?.city].filter(Boolean).join(", ");
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Boxoffice//Shop//EN",
    "BEGIN:VEVENT",
    `UID:${booking.id}`,
    `DTSTAMP:${moment(booking.created_at)}`,
    `DTSTART:${moment(booking.from ?? slot.starts_at)}`,
    `DTEND:${moment(booking.to ?? slot.ends_at)}`,
    `SUMMARY:${text(slot.title)}`,
    `DESCRIPTION:${text([booking.reference, ...(booking.seats ?? [])].join("\n"))}`,
    ...(where ? [`LOCATION:${text(where)}`] : []),
    `URL:${address}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

/** 20300110T070000Z: whatever is finer is left out. */
function moment(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

function text(said: string): string {
  return said.replaceAll(/[\\;,]/g, "\\$&").replaceAll(/\r\n?|\n/g, "\\n");
}

/** A line that is too long goes on in the next, behind a space; no letter is cut in two. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let [out, length] = ["", 0];
  for (const letter of line) {
    const octets = encoder.encode(letter).length;
    if (length + octets > LINE_OCTETS_MAX) {
      out += "\r\n ";
      length = 1;
    }
    out += letter;
    length += octets;
  }
  return out;
}
