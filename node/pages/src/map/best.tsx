// The best seats that there are, with one press; where there are none, the waitlist for them.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { signedIn } from "../api/session.ts";
import type { Frame, Line, Slot } from "../api/shapes.ts";
import { Stepper } from "../parts/stepper.tsx";
import { money } from "../words/format.ts";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import type { Choice } from "./choice.ts";
import type { Plan } from "./geometry.ts";

const said = parts.map;
const SEATS_MAX = 100;

interface Properties {
  slot: Slot;
  frame: Frame;
  plan: Plan;
  choice: Choice;
  busy: boolean;
  beside: (quantity: number) => { lines?: Line[] };
  total: (quantity: number, category: string | null) => number | undefined;
}

export function Best({ slot, frame, plan, choice, busy, beside, total }: Properties): JSX.Element {
  const [wanted, count] = useState(2);
  const [category, pick] = useState(plan.categories[0]?.key ?? "");
  const max = Math.min(SEATS_MAX, slot.policy.customer_limit ?? SEATS_MAX);
  const quantity = Math.min(wanted, max);
  const counts = frame.counts.categories?.[category];
  const waits = counts !== undefined && (counts.free < quantity || counts.waitlisted > 0) && slot.policy.waitlist !== null;
  const amount = total(quantity, category);

  const book = async (): Promise<void> => {
    const more = beside(quantity);
    await choice.book({
      quantity,
      ...more,
      best: { categories: [category], together: "prefer" },
      mode: "hold",
      when_full: slot.policy.waitlist ? "waitlist" : "refuse",
      ...(amount === undefined || "code" in more ? {} : { expect_amount: amount }),
    });
  };
  return (
    <section class="panel best" aria-labelledby="best">
      <h3 id="best">{words.slot.quantity}</h3>
      <Stepper name="best" label={<span class="spoken">{words.slot.quantity}</span>} value={quantity} min={1} max={max} change={count} />
      {plan.categories.length > 1 ? (
        <label class="field">
          <span>{said.category}</span>
          <select value={category} onChange={(event) => pick(event.currentTarget.value)}>
            {plan.categories.map(({ key, name }) => (
              <option key={key} value={key}>
                {name} ({said.free(frame.counts.categories?.[key]?.free ?? 0)})
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {amount === undefined ? null : (
        <p class="total">
          <span>{words.slot.total}</span> <strong>{money(amount, slot.currency ?? "EUR")}</strong>
        </p>
      )}
      <button class="primary big" disabled={busy || signedIn.value === null} onClick={() => void book()}>
        {waits ? words.slot.join(quantity) : said.best(quantity)}
      </button>
    </section>
  );
}
