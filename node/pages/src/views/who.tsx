// Who is signed in, in the head of every page, and the other language.

import type { JSX } from "preact";
import { close, signedIn } from "../api/session.ts";
import { language, languages, words } from "../words/index.ts";
import { to } from "../words/link.ts";

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
          <a href={to(`/session?next=${encodeURIComponent(location.pathname)}`)}>{words.nav.signIn}</a>
        ) : (
          <button class="link" title={name} onClick={() => void close().then((closed) => (closed ? location.assign(to("/")) : undefined))}>
            {words.nav.signOut}
          </button>
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

function inLanguage(tag: string): string {
  const url = new URL(location.href);
  url.searchParams.set("lang", tag);
  return url.pathname + url.search;
}
