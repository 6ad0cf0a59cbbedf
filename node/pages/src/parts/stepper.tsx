// How many: a number with a button on each side.

import type { JSX } from "preact";
import { words } from "../words/index.ts";

interface Properties {
  label: JSX.Element | string;
  name: string;
  value: number;
  min: number;
  max: number;
  change: (value: number) => void;
}

export function Stepper({ label, name, value, min, max, change }: Properties): JSX.Element {
  const id = `many-${name}`;
  const take = (said: number): number => {
    const taken = Number.isFinite(said) ? Math.max(min, Math.min(max, Math.round(said))) : value;
    change(taken);
    return taken;
  };
  return (
    <div class="stepper">
      <label for={id}>{label}</label>
      <div class="stepper-row">
        <button type="button" aria-label={words.slot.fewer} disabled={value <= min} onClick={() => take(value - 1)}>
          <span aria-hidden="true">−</span>
        </button>
        <input id={id} inputMode="numeric" autoComplete="off" value={value} onChange={({ currentTarget }) => (currentTarget.value = String(take(Number(currentTarget.value))))} />
        <button type="button" aria-label={words.slot.more} disabled={value >= max} onClick={() => take(value + 1)}>
          <span aria-hidden="true">+</span>
        </button>
      </div>
    </div>
  );
}
