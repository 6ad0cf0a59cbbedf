import assert from "node:assert/strict";
import { test } from "node:test";
import type { Booking, Slot } from "../../src/api/shapes.ts";
import { entryOf } from "../../src/ticket/entry.ts";

const booking = { id: "bkg_1", reference: "7Q4K2M9D", created_at: "2029-12-01T09:00:00.123Z" } as Booking;
const slot = { title: "Yoga", starts_at: "2030-01-10T07:00:00.000Z", ends_at: "2030-01-10T08:00:00.000Z" } as Slot;

test("a booking is an entry of a calendar, line by line", () => {
  assert.equal(
    entryOf(booking, slot, "https://shop.example/bookings/bkg_1"),
    [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//Boxoffice//Shop//EN",
      "BEGIN:VEVENT",
      "UID:bkg_1",
      "DTSTAMP:20291201T090000Z",
      "DTSTART:20300110T070000Z",
      "DTEND:20300110T080000Z",
      "SUMMARY:Yoga",
      "DESCRIPTION:7Q4K2M9D",
      "URL:https://shop.example/bookings/bkg_1",
      "END:VEVENT",
      "END:VCALENDAR",
      "",
    ].join("\r\n"),
  );
});

test("what was booked of it, what it is called and where it is stand as they can be read again", () => {
  const rows: [Partial<Booking>, Partial<Slot>, string][] = [
    [{ from: "2030-01-11T10:30:00.000Z", to: "2030-01-11T11:30:00.000Z" }, {}, "DTSTART:20300111T103000Z\r\nDTEND:20300111T113000Z"],
    [{ seats: ["stalls/A/1", "stalls/A/2"] }, {}, "DESCRIPTION:7Q4K2M9D\\nstalls/A/1\\nstalls/A/2"],
    [{}, { title: "Salsa, forró; a\\b" }, "SUMMARY:Salsa\\, forró\\; a\\\\b"],
    [{}, { title: "a\rATTENDEE:b\r\nc\nd" }, "SUMMARY:a\\nATTENDEE:b\\nc\\nd\r\n"],
    [{}, { place: { name: "Old Theatre", city: "Graz" } }, "LOCATION:Old Theatre\\, Graz"],
    // 75 octets a line at most, and no letter in two pieces.
    [{}, { title: "é".repeat(60) }, `SUMMARY:${"é".repeat(33)}\r\n ${"é".repeat(27)}\r\n`],
  ];
  for (const [more, other, want] of rows) {
    const entry = entryOf({ ...booking, ...more }, { ...slot, ...other }, "https://shop.example/");
    assert.ok(entry.includes(want), entry);
    assert.ok(entry.split("\r\n").every((line) => Buffer.byteLength(line) <= 75));
  }
});
