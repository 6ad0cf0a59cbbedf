// The way to sign in, and back to here.

import type { JSX } from "preact";
import { words } from "../words/index.ts";
import { to } from "../words/link.ts";

export function SignIn({ label }: { label?: string }): JSX.Element {
  return (
    <a class="button primary big" href={to(`/session?next=${encodeURIComponent(location.pathname + location.search)}`)}>
      {label ?? words.slot.signIn}
    </a>
  );
}

/** Where to go after signing in: a page of ours, whatever the address says. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}
