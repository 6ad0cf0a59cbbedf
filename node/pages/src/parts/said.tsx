// What is said of a change: that it is asked, asked again, perhaps done, or refused and why. What is done shows by itself.

import type { JSX } from "preact";
import type { Act } from "./act.ts";
import { words } from "../words/index.ts";

export function Said({ act }: { act: Act }): JSX.Element {
  const stage = act.stage.value;
  let text = "";
  let tone = "";
  if (stage.kind === "asking" && stage.tries > 0) {
    text = stage.unknown ? words.unknown : words.askingAgain;
    tone = "wait";
  } else if (stage.kind === "refused") {
    text = words.refusal(stage.problem.code, stage.problem.reason);
    tone = "refused";
  }
  // The place is there from the start, so that what appears in it is read out.
  return (
    <p class={`said ${tone}`} role="status" data-outcome={stage.kind}>
      {text}
    </p>
  );
}

/** Speaks to who listens, and shows nothing. */
export function Spoken({ text }: { text: string }): JSX.Element {
  return (
    <p class="spoken" role="status">
      {text}
    </p>
  );
}
