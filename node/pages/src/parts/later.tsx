// A part of a page that is loaded when it is needed: the seat map where there are seats, the calendar where there are times.

import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { words } from "../words/index.ts";

interface Properties<Given> {
  load: () => Promise<ComponentType<Given>>;
  given: Given;
}

export function Later<Given extends object>({ load, given }: Properties<Given>): JSX.Element {
  const [part, know] = useState<{ Part: ComponentType<Given> } | "failed" | null>(null);
  useEffect(() => {
    load().then(
      (Part) => know({ Part }),
      () => know("failed"),
    );
  }, []);
  if (part === null) {
    return <p class="quiet later">{words.loading}</p>;
  }
  return part === "failed" ? <p class="said refused">{words.noAnswer}</p> : <part.Part {...given} />;
}
