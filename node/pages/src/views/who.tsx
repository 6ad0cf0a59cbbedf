// Who is signed in, in the head of every page, and the other language.

import type { JSX } from "preact";
import { close, signedIn } from "../api/session.ts";
import { language, languages, words } from "../words/index.ts";
import { to } from "../words/link.ts";
import { signInAddress } from "./sign_in.tsx";

export function Who(): JSX.Element {
  const name = signedIn.value;
  return (
    <>
      <a class="brand" href={to("/")}>
        Boxoffice
      </a>
      <nav class="who" aria-label={words.nav.label}>
        <a href={to("/bookings")} aria-current={location.pathname === "/bookings" ? "page" : undefined}>
          {words.nav.bookings}
        </a>
        {name === null ? (
          <a href={signInAddress()}>{words.nav.signIn}</a>
        ) : (
          <>
            <span class="who-name" dir="auto" title={name}>
              {name}
            </span>
            <button class="link" onClick={() => void signOut()}>
              {words.nav.signOut}
            </button>
          </>
        )}
        {Object.entries(languages)
          .filter(([tag]) => tag !== language)
          .map(([tag, own]) => (
            <a key={tag} href={inLanguage(tag)} lang={tag} hrefLang={tag}>
              {own}
            </a>
          ))}
      </nav>
    </>
  );
}

/** Who cannot be signed out now stays signed in, and sees it. */
async function signOut(): Promise<void> {
  if (await close().catch(() => false)) {
    location.assign(to("/"));
  }
}

function inLanguage(tag: string): string {
  const url = new URL(location.href);
  url.searchParams.set("lang", tag);
  return url.pathname + url.search;
}
