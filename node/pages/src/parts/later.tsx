// A part of a page that is loaded when it is needed: the seat map where there are seats, the calendar where there are times.

import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { persist } from "../live/persist.ts";
import { words } from "../words/index.ts";

interface Properties<Given> {
  url: string;
  name: string;
  given: Given;
}

const RELOADED = "boxoffice.reloaded";

export function Later<Given extends object>({ url, name, given }: Properties<Given>): JSX.Element {
  const [part, know] = useState<{ Part: ComponentType<Given> } | "failed" | null>(null);
  useEffect(() => {
    const load = async (tries: number): Promise<boolean> => {
      try {
        // What could not be loaded is remembered as such, so it is asked for by another name.
        const loaded = (await import(tries > 0 ? `${url}?${tries}` : url)) as Record<string, ComponentType<Given>>;
        know({ Part: loaded[name]! });
        showPlain(false);
        return true;
      } catch {
        know("failed");
        showPlain(true);
        return reloadOnce(url).catch(() => false);
      }
    };
    return persist(load, 2);
  }, []);
  if (part === null) {
    return <p class="quiet later">{words.loading}</p>;
  }
  return part === "failed" ? (
    <p class="said refused" role="status">
      {words.noAnswer}
    </p>
  ) : (
    <part.Part {...given} />
  );
}

/** What the node wrote can be read where there is nothing better. */
function showPlain(isShown: boolean): void {
  document.getElementById("plain")?.toggleAttribute("hidden", !isShown);
}

/** Where the node says that there is no such part, it is of another build than whoever wrote this page, and writes its own: once. */
async function reloadOnce(url: string): Promise<boolean> {
  const answer = await fetch(url, { cache: "no-store" }).catch(() => null);
  if (answer?.status !== 404 || sessionStorage.getItem(RELOADED) === url) {
    return false;
  }
  sessionStorage.setItem(RELOADED, url);
  location.reload();
  return true;
}
