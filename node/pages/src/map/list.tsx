// The seats as lists, section, row, seat: for keys, for ears, and for whoever likes lists. Only what can be had is in them.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { parts } from "../words/parts.ts";
import type { Choice } from "./choice.ts";
import type { Row } from "./geometry.ts";
import type { Loaded } from "./load.ts";

const said = parts.map;

interface Properties {
  loaded: Loaded;
  choice: Choice;
  enabled: boolean;
}

/** What nobody has opened is not counted: in a large house that would be much, at every change. */
export function SeatList(given: Properties): JSX.Element {
  const [isOpen, open] = useState(false);
  return (
    <details class="seat-list" onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>{said.list}</summary>
      {isOpen ? <Rows {...given} /> : null}
    </details>
  );
}

function Rows({ loaded, choice, enabled }: Properties): JSX.Element {
  const { plan, states, seats, version } = loaded;
  const [section, enter] = useState(0);
  const [rowKey, sit] = useState<string | null>(null);
  // The states are changed in place: what shows them looks at their version.
  void version.value;

  const freeOf = (first: number, count: number): number => states.subarray(first, first + count).filter((state) => state === seats.FREE).length;
  const within = plan.sections[section]!;
  const isUseful = (row: Row): boolean => freeOf(row.first, row.numbers.length) > 0 || ownOf(row).length > 0;
  const ownOf = (row: Row): string[] => row.numbers.map((_, i) => seats.nameOf(plan, row.first + i)).filter((name) => choice.seats.includes(name));
  const rows = within.rows.filter(isUseful);
  const row = rows.find(({ key }) => key === rowKey) ?? rows[0];

  return (
    <>
      <label class="field">
        <span>{said.section}</span>
        <select value={String(section)} onChange={(event) => (enter(Number(event.currentTarget.value)), sit(null))}>
          {plan.sections.map(({ key, name, first, count }, index) => (
            <option key={key} value={String(index)}>
              {name} ({said.free(freeOf(first, count))})
            </option>
          ))}
        </select>
      </label>
      {row === undefined ? (
        <p class="quiet">{said.nothingFree}</p>
      ) : (
        <>
          <label class="field">
            <span>{said.row("").trim()}</span>
            <select value={row.key} onChange={(event) => sit(event.currentTarget.value)}>
              {rows.map(({ key, first, numbers }) => (
                <option key={key} value={key}>
                  {key} ({said.free(freeOf(first, numbers.length))})
                </option>
              ))}
            </select>
          </label>
          <ul class="seat-buttons" aria-label={said.row(row.key)}>
            {row.numbers.map((number, i) => (
              <Seat key={number} loaded={loaded} choice={choice} seat={row.first + i} number={number} enabled={enabled} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface SeatProperties {
  loaded: Loaded;
  choice: Choice;
  seat: number;
  number: string;
  enabled: boolean;
}

function Seat({ loaded, choice, seat, number, enabled }: SeatProperties): JSX.Element | null {
  const { plan, states, seats, version } = loaded;
  void version.value;
  const name = seats.nameOf(plan, seat);
  const mine = choice.seats.includes(name);
  const asking = choice.asking.value.has(name);
  const conflict = choice.conflicts.value.has(name);
  if (!mine && !asking && !conflict && states[seat] !== seats.FREE) {
    return null;
  }
  const flags = plan.flags[seat]!;
  const notes = [
    mine ? said.mine : asking ? said.asking : conflict ? said.conflict : "",
    flags & seats.ACCESSIBLE ? said.wheelchair : "",
    flags & seats.COMPANION ? said.companion : "",
    flags & seats.RESTRICTED ? said.restricted : "",
  ].filter(Boolean);
  return (
    <li>
      <button
        type="button"
        aria-pressed={mine}
        class={mine ? "mine" : asking ? "asking" : conflict ? "conflict" : ""}
        disabled={!enabled || (conflict && states[seat] !== seats.FREE)}
        onClick={() => choice.toggle(name)}
      >
        <span class="spoken">{said.seat("").trim()} </span>
        {number}
        {notes.length > 0 ? <span class="note">{notes.join(", ")}</span> : null}
      </button>
    </li>
  );
}
