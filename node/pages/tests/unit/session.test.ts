import assert from "node:assert/strict";
import { test } from "node:test";
import { subjectOf } from "../../src/api/session.ts";
import { nextOf, signInAddress } from "../../src/views/sign_in.tsx";
import { to } from "../../src/words/link.ts";

test("after signing in nobody is sent elsewhere", () => {
  const rows: [string, string][] = [
    ["?next=/slots/slot_1%3Flang%3Dde", "/slots/slot_1?lang=de"],
    ["?next=/", "/"],
    ["", "/"],
    ["?next=https://example.org/", "/"],
    ["?next=//example.org/", "/"],
    ["?next=/%5Cexample.org/", "/"],
    // What a browser passes over in an address does not hide what is behind it.
    ["?next=/%09/example.org/", "/"],
    ["?next=/%0A%5Cexample.org/", "/"],
    ["?next=/.//example.org/", "/"],
    ["?next=/x/..//example.org/", "/"],
    ["?next=//", "/"],
    ["?next=/bookings?a=b//c", "/bookings?a=b//c"],
    ["?next=javascript:alert(1)", "/"],
  ];
  for (const [search, next] of rows) {
    assert.equal(nextOf(search), next, search);
  }
});

test("who signs in comes back to where they were, in the language that they read", () => {
  const rows: [string, string, string][] = [
    ["/", "?organizer=a&lang=de", "/session?next=%2F%3Forganizer%3Da%26lang%3Dde&lang=de"],
    ["/bookings", "", "/session?next=%2Fbookings"],
    ["/session", "?next=/bookings", "/session?next=%2Fbookings"],
    ["/session", "", "/session?next=%2F"],
  ];
  for (const [pathname, search, address] of rows) {
    assert.equal(signInAddress({ pathname, search }), address);
  }
});

test("a language that was asked for stays in the address", () => {
  const rows: [string, string, string][] = [
    ["/bookings", "", "/bookings"],
    ["/bookings", "?lang=de", "/bookings?lang=de"],
    ["/?organizer=a", "?lang=en&status=closed", "/?organizer=a&lang=en"],
    ["/", "?lang=xx", "/"],
  ];
  for (const [path, search, address] of rows) {
    assert.equal(to(path, search), address);
  }
});

test("the name in a token is read, and one that cannot be read is none", () => {
  const token = (claims: string): string => `x.${Buffer.from(claims).toString("base64url")}.x`;
  assert.equal(subjectOf(token('{"sub":"Zoë"}')), "Zoë");
  for (const bad of ["", "x", token("{"), token("{}"), token('{"sub":7}')]) {
    assert.equal(subjectOf(bad), "");
  }
});
