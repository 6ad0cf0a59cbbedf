// The time that is left: ticking for eyes, and for ears a sentence at five minutes, at one, and at twenty seconds.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { leftOf, passed, ticking } from "../live/countdown.ts";
import { words } from "../words/index.ts";
import { Spoken } from "./said.tsx";

interface Properties {
  until: number;
  /** How long it was in all, for the bar. */
  whole?: number;
  over?: () => void;
  /** What is said aloud of what is left, and at the end; what is not given is of a decision. */
  announce?: (left: string) => string;
  lapsed?: string;
}

export function Left({ until, whole, over, announce = words.announce, lapsed = words.lapsed }: Properties): JSX.Element {
  const ms = until - ticking(until).value;
  const left = leftOf(ms);
  const before = useRef(ms);
  const ended = useRef(false);
  const [spoken, speak] = useState("");

  useEffect(() => {
    const moment = passed(before.current, ms);
    before.current = ms;
    if (moment !== undefined) {
      speak(announce(words.left(leftOf(moment))));
    } else if (ms <= 0 && !ended.current) {
      ended.current = true;
      speak(lapsed);
      over?.();
    } else if (ms > 0) {
      ended.current = false;
    }
  }, [ms]);

  return (
    <div class={left.unit === "clock" || left.unit === "over" ? "left soon" : "left"}>
      <p role="timer" class="left-figure">
        {left.unit === "clock" ? (
          <>
            <span aria-hidden="true">
              {left.minutes}:{String(left.seconds).padStart(2, "0")}
            </span>
            <span class="spoken">{words.left(left)}</span>
          </>
        ) : (
          words.left(left)
        )}
      </p>
      {whole === undefined ? null : <Bar share={Math.max(0, Math.min(1, ms / whole))} />}
      <Spoken text={spoken} />
    </div>
  );
}

/** How much is left, as a line. What it says is said in words beside it. */
export function Bar({ share }: { share: number }): JSX.Element {
  return (
    <div class="bar" aria-hidden="true">
      <div style={{ inlineSize: `${share * 100}%` }} />
    </div>
  );
}
