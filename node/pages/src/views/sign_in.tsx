// The way to sign in, and back to here.

import type { JSX } from "preact";
import { words } from "../words/index.ts";
import { to } from "../words/link.ts";

export function SignIn({ label }: { label?: string }): JSX.Element {
  return (
    <a class="button primary big" href={signInAddress()}>
      {label ?? words.slot.signIn}
    </a>
  );
}

/** Where one signs in, and comes back here; whoever is there already goes where they were going. */
export function signInAddress({ pathname, search }: Pick<Location, "pathname" | "search"> = location): string {
  const next = pathname === "/session" ? nextOf(search) : pathname + search;
  return to(`/session?next=${encodeURIComponent(next)}`, search);
}

/** Stands for our own origin where an address is read. */
const HERE = "http://here.invalid";

/** Where to go after signing in: a page of ours, whatever the address says. What it means is what a browser makes of it, which passes over
 * tabs and dots: and what comes of that must not begin as the name of somebody else's host does. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  try {
    const { origin, pathname, search: query } = new URL(next, HERE);
    return origin === HERE && !pathname.startsWith("//") ? pathname + query : "/";
  } catch {
    // What is no address at all leads nowhere.
    return "/";
  }
}
