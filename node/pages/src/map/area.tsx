// Places of an area, where nobody has a seat.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { signedIn } from "../api/session.ts";
import type { Line, Slot } from "../api/shapes.ts";
import { Stepper } from "../parts/stepper.tsx";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import type { Choice } from "./choice.ts";
import type { Loaded } from "./load.ts";

const PLACES_MAX = 100;

interface Properties {
  slot: Slot;
  area: { key: string; name: string };
  loaded: Loaded;
  choice: Choice;
  busy: boolean;
  beside: (quantity: number) => { lines?: Line[] };
}

export function Area({ slot, area, loaded, choice, busy, beside }: Properties): JSX.Element {
  const [wanted, count] = useState(1);
  const free = loaded.areas.value[area.key]?.free ?? 0;
  const max = Math.max(1, Math.min(PLACES_MAX, slot.policy.customer_limit ?? PLACES_MAX, free));
  // What is free becomes less while somebody chooses.
  const quantity = Math.min(wanted, max);
  const book = (): Promise<unknown> =>
    choice.book({ areas: { [area.key]: quantity }, mode: "hold", when_full: "refuse", ...beside(quantity) });
  return (
    <section class="panel" aria-label={area.name}>
      <Stepper
        name={`area-${area.key}`}
        label={
          <>
            <span dir="auto">{area.name}</span>
            <span class="quiet">{parts.map.free(free)}</span>
          </>
        }
        value={quantity}
        min={1}
        max={max}
        change={count}
      />
      <button class="big" disabled={busy || free === 0 || signedIn.value === null} onClick={() => void book()}>
        {words.slot.hold(quantity)}
      </button>
    </section>
  );
}
