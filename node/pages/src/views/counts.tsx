// How much is left, live: the figures change by themselves, and are read aloud at most every ten seconds.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Frame, Slot } from "../api/shapes.ts";
import { Spoken } from "../parts/said.tsx";
import { number } from "../words/format.ts";
import { words } from "../words/index.ts";

const SPOKEN_EVERY_MS = 10_000;

export function Counts({ frame, slot }: { frame: Frame; slot: Slot }): JSX.Element | null {
  const { counts } = frame;
  const spoken = useSpoken(counts.free === null ? "" : words.freeOf(counts.free, counts.capacity));
  if (slot.inventory.calendar || counts.free === null) {
    return null;
  }
  const held = counts.held + counts.offered;
  return (
    <section class="counts">
      <p class="counts-free">
        <strong data-count="free">{number(counts.free)}</strong> <span>{words.freeOf(counts.free, counts.capacity).replace(/^\S+\s/, "")}</span>
      </p>
      <div class="shares" aria-hidden="true">
        {Object.entries({ sold: counts.confirmed, held, free: counts.free }).map(([kind, n]) => n > 0 && <i class={kind} style={{ flexGrow: n }} />)}
      </div>
      <dl class="counts-rest">
        <Count name={words.slot.sold} kind="sold" n={counts.confirmed} />
        <Count name={words.slot.held} kind="held" n={held} />
        <Count name={words.slot.waits} kind="waits" n={counts.waitlisted} />
      </dl>
      <Spoken text={spoken} />
    </section>
  );
}

function Count({ name, kind, n }: { name: string; kind: string; n: number }): JSX.Element {
  return (
    <div class={`count-${kind}`}>
      <dt>{name}</dt>
      <dd data-count={kind}>{number(n)}</dd>
    </div>
  );
}

/** A text that changes at most every ten seconds, and says nothing before it first changes. */
function useSpoken(text: string): string {
  const [spoken, speak] = useState("");
  const first = useRef(text);
  const last = useRef(0);
  useEffect(() => {
    if (text === first.current && spoken === "") {
      return undefined;
    }
    const wait = Math.max(0, last.current + SPOKEN_EVERY_MS - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      speak(text);
    }, wait);
    return () => clearTimeout(timer);
  }, [text]);
  return spoken;
}
