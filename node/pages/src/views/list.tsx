// What is on sale: a programme, by day.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, Unread } from "../api/ask.ts";
import type { List, Slot, SlotStatus } from "../api/shapes.ts";
import { Leaf } from "../parts/when.tsx";
import { day, hour, isElsewhere, money, shortDay, zoneOf } from "../words/format.ts";
import { words } from "../words/index.ts";
import { to } from "../words/link.ts";

const said = words.list;
const STATUSES: readonly SlotStatus[] = ["on_sale", "scheduled", "closed", "finished", "cancelled"];

export function ListPage({ slots, search }: { slots: List<Slot>; search: string }): JSX.Element {
  const asked = new URLSearchParams(search);
  const [list, show] = useState(slots);
  const [busy, work] = useState(false);
  const [failed, fail] = useState(false);

  const more = async (): Promise<void> => {
    work(true);
    fail(false);
    try {
      const query = new URLSearchParams(asked);
      query.delete("lang");
      dropEmpty(query);
      query.set("status", statusOf(asked));
      query.set("after", list.next ?? "");
      const { items, next } = await get<List<Slot>>(`/v1/slots?${query.toString()}`);
      show({ items: [...list.items, ...items], next });
    } catch (error) {
      if (!(error instanceof Unread)) {
        throw error;
      }
      fail(true);
    }
    work(false);
  };
  useEffect(() => show(slots), [slots]);

  const items = [...list.items].sort((one, other) => one.starts_at.localeCompare(other.starts_at) || one.id.localeCompare(other.id));
  return (
    <>
      <div class="hero">
        <h1>{said.title}</h1>
        <p class="lead">{said.lead}</p>
      </div>
      <Filters asked={asked} />
      {items.length === 0 ? (
        <div class="empty">
          <h2>{said.none}</h2>
          <p>{said.noneLead}</p>
        </div>
      ) : (
        <ol class="programme">
          {items.map((slot) => (
            <Row key={slot.id} slot={slot} />
          ))}
        </ol>
      )}
      {list.next ? (
        <button class="more" disabled={busy} onClick={() => void more()}>
          {busy ? words.loading : said.more}
        </button>
      ) : null}
      <p class="said refused" role="status">
        {failed ? words.refusal("no_answer") : ""}
      </p>
    </>
  );
}

/** What the page shows where nobody has said. */
function statusOf(asked: URLSearchParams): string {
  return asked.get("status") || "on_sale";
}

/** A field that is left empty asks for nothing: nobody is called so. */
function dropEmpty(asked: URLSearchParams | FormData): void {
  if (!asked.get("organizer")) {
    asked.delete("organizer");
  }
}

/** A form as any, so that what is shown stands in the address. It is asked for by its button alone: who goes through what there is to choose
 * with the keys has not chosen yet. */
function Filters({ asked }: { asked: URLSearchParams }): JSX.Element {
  return (
    <form class="filters" method="get" action="/" aria-label={said.filters} onFormData={(event: Event) => dropEmpty((event as FormDataEvent).formData)}>
      {asked.get("lang") ? <input type="hidden" name="lang" value={asked.get("lang") ?? ""} /> : null}
      <label>
        <span>{said.status}</span>
        <select name="status">
          {STATUSES.map((status) => (
            <option key={status} value={status} selected={statusOf(asked) === status}>
              {words.slotStatus[status]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{said.organizer}</span>
        <input name="organizer" defaultValue={asked.get("organizer") ?? ""} autoComplete="off" placeholder={said.all} />
      </label>
      <button>{said.apply}</button>
    </form>
  );
}

function Row({ slot }: { slot: Slot }): JSX.Element {
  const zone = zoneOf(slot);
  const calendar = slot.inventory.calendar;
  return (
    <li class={`row is-${slot.status}`}>
      <a href={to(`/slots/${slot.id}`)}>
        <Leaf slot={slot} />
        <div class="row-what">
          <h2 dir="auto">{slot.title}</h2>
          <p class="quiet">
            {calendar ? (
              <span>
                {shortDay(slot.starts_at, zone)} – {shortDay(slot.ends_at, zone)}
              </span>
            ) : (
              <Time slot={slot} zone={zone} />
            )}
            <span> · </span>
            <span dir="auto">{slot.organizer}</span>
          </p>
        </div>
        <div class="row-left">
          <p class={`status is-${slot.counts.free === 0 ? "full" : slot.status}`}>{calendar && slot.status === "on_sale" ? words.times : stateOf(slot)}</p>
          <Cheapest slot={slot} />
        </div>
      </a>
    </li>
  );
}

function Time({ slot, zone }: { slot: Slot; zone: string }): JSX.Element {
  return (
    <>
      <time dateTime={slot.starts_at}>
        <span class="spoken">{day(slot.starts_at, zone)}, </span>
        {hour(slot.starts_at, zone)}
      </time>
      {isElsewhere(zone, slot.starts_at) ? <span> · {words.slot.otherZone(hour(slot.starts_at))}</span> : null}
    </>
  );
}

function stateOf(slot: Slot): string {
  return slot.status === "on_sale" ? words.free(slot.counts.free ?? 0) : words.slotStatus[slot.status];
}

function Cheapest({ slot }: { slot: Slot }): JSX.Element | null {
  const amounts = (slot.prices ?? []).map((price) => price.amount);
  if (amounts.length === 0 || !slot.currency) {
    return null;
  }
  const least = Math.min(...amounts);
  const most = Math.max(...amounts);
  const text = least === most ? money(least, slot.currency) : `${money(least, slot.currency)} – ${money(most, slot.currency)}`;
  return <p class="quiet price">{text}</p>;
}
