// The house: the best seats with one press, a list of seats for keys and ears, and the map.

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { priceOf, totalOf } from "../api/price.ts";
import { Unread } from "../api/ask.ts";
import { signedIn } from "../api/session.ts";
import type { Frame, Line, Slot } from "../api/shapes.ts";
import { clock } from "../live/clock.ts";
import { persist } from "../live/persist.ts";
import { Act } from "../parts/act.ts";
import { Said, Spoken } from "../parts/said.tsx";
import { Terms } from "../parts/terms.tsx";
import type { Mine } from "../views/mine.ts";
import { SignIn } from "../views/sign_in.tsx";
import { money, number } from "../words/format.ts";
import { words } from "../words/index.ts";
import { parts } from "../words/parts.ts";
import { Area } from "./area.tsx";
import { Best } from "./best.tsx";
import type { SeatCanvas } from "./canvas.ts";
import { Choice } from "./choice.ts";
import { SeatList } from "./list.tsx";
import type { Loaded } from "./load.ts";
import { load } from "./load.ts";

const said = parts.map;

interface Properties {
  slot: Slot;
  frame: Frame;
  mine: Mine;
}

export function House({ slot, frame, mine }: Properties): JSX.Element {
  const act = useMemo(() => new Act(mine.renew), [slot.id]);
  const other = useMemo(() => new Act(mine.renew), [slot.id]);
  const [loaded, know] = useState<Loaded | "failed" | null>(null);
  const [wanted, pick] = useState<string | null>(null);
  // An organizer may take a product away while somebody chooses.
  const product = (slot.products?.find(({ key }) => key === wanted) ?? slot.products?.[0])?.key ?? null;
  const beside = (quantity: number): { lines?: Line[] } => ({ ...mine.more(), ...(product === null ? {} : { lines: [{ product, quantity }] }) });
  const kind = useRef(beside);
  kind.current = beside;
  const choice = useMemo(() => new Choice(slot, mine, act, other, (quantity) => kind.current(quantity)), [slot.id]);

  useEffect(() => {
    const read = async (_tries: number, isOver: () => boolean): Promise<boolean> => {
      try {
        const found = await load(slot, slot.inventory.seats!.map);
        if (!isOver()) {
          know(found);
        }
        return true;
      } catch (error) {
        if (!isOver()) {
          know("failed");
        }
        if (!(error instanceof Unread)) {
          // Told as what nobody expected is, and tried again all the same.
          reportError(error);
        }
        return false;
      }
    };
    return persist(read, 1);
  }, [slot.id]);

  const total = (quantity: number, category: string | null): number | undefined =>
    totalOf(slot, [{ product: product ?? "", quantity }], category, clock.now());

  return (
    <section class="house" aria-labelledby="house">
      <div class="house-head">
        <h2 id="house">{said.title}</h2>
        {signedIn.value === null ? null : <p class="quiet">{said.hint}</p>}
      </div>
      {signedIn.value === null ? (
        <div class="house-sign">
          <SignIn />
        </div>
      ) : null}
      {loaded === null ? <p class="quiet house-wait">{words.loading}</p> : null}
      {loaded === "failed" ? <p class="said refused" role="status">{words.noAnswer}</p> : null}
      {loaded !== null && loaded !== "failed" ? (
        <>
          <div class="house-side">
            {slot.products && slot.products.length > 0 ? (
              <label class="field">
                <span>{words.slot.tickets}</span>
                <select value={product ?? ""} onChange={(event) => pick(event.currentTarget.value)}>
                  {slot.products.map(({ key, title }) => (
                    <option key={key} value={key}>
                      {title || key}
                    </option>
                  ))}
                </select>
              </label>
            ) : null}
            <Terms slot={slot} quantity={1} mine={mine} />
            <Best slot={slot} frame={frame} plan={loaded.plan} choice={choice} busy={other.busy} beside={beside} total={total} />
            {loaded.plan.areas.map((area) => (
              <Area key={area.key} slot={slot} area={area} loaded={loaded} choice={choice} busy={other.busy} beside={beside} />
            ))}
            <Said act={other} />
            <SeatList loaded={loaded} choice={choice} enabled={signedIn.value !== null} />
          </div>
          <div class="house-map">
            <Said act={act} />
            <Drawn loaded={loaded} choice={choice} />
            <Chosen choice={choice} />
            <Legend slot={slot} loaded={loaded} product={product} />
          </div>
        </>
      ) : null}
    </section>
  );
}

function Drawn({ loaded, choice }: { loaded: Loaded; choice: Choice }): JSX.Element {
  const element = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<SeatCanvas | null>(null);
  const [spoken, speak] = useState("");
  const { seats, plan, states } = loaded;

  useEffect(() => {
    const tap = (seat: number): void => {
      const name = seats.nameOf(plan, seat);
      const own = choice.seats.includes(name) || choice.asking.value.has(name);
      if (signedIn.value !== null && (own || states[seat] === seats.FREE)) {
        choice.toggle(name);
      }
      speak(said.tapped(pretty(name), own ? said.mine : (said.states[states[seat]!] ?? "")));
    };
    const canvas = new seats.SeatCanvas(element.current!, plan, states, { free: said.free, seat: pretty }, tap);
    drawn.current = canvas;
    // A canvas has nothing in it that could be asked: where a seat is, and what frames cost, is told to who tests it.
    Object.assign(element.current!, {
      where: (name: string) => place(canvas, name),
      show: (name: string) => show(canvas, name),
      took: canvas.took,
    });
    const place = (on: SeatCanvas, name: string): unknown => {
      const seat = seats.seatOf(plan, name);
      return seat === undefined ? null : on.where(seat);
    };
    const show = (on: SeatCanvas, name: string): void => {
      const seat = seats.seatOf(plan, name);
      if (seat !== undefined) {
        on.show(seat);
      }
    };
    const unlisten = loaded.listen((changed) => canvas.changed(changed));
    return () => {
      unlisten();
      canvas.close();
    };
  }, [loaded]);

  const of = (names: Iterable<string>): Set<number> => new Set([...names].flatMap((name) => seats.seatOf(plan, name) ?? []));
  const [mine, asking, conflicts] = [choice.seats, choice.asking.value, choice.conflicts.value];
  useEffect(() => drawn.current?.mark({ mine: of(mine), asking: of(asking), conflicts: of(conflicts) }), [mine, asking, conflicts, loaded]);
  const gone = conflicts.size > 0 ? said.gone([...conflicts].map(pretty).join(", ")) : "";

  return (
    <div class="map" style={{ "--ratio": (plan.box.bottom - plan.box.top) / (plan.box.right - plan.box.left) }}>
      <canvas ref={element} tabIndex={0} role="img" aria-label={said.canvas} />
      <div class="map-bar">
        {gone === "" ? null : <p class="map-gone">{gone}</p>}
        <button type="button" aria-label={said.zoomIn} onClick={() => drawn.current?.closer()}>
          <span aria-hidden="true">+</span>
        </button>
        <button type="button" aria-label={said.zoomOut} onClick={() => drawn.current?.farther()}>
          <span aria-hidden="true">−</span>
        </button>
        <button type="button" aria-label={said.whole} onClick={() => drawn.current?.whole()}>
          <span aria-hidden="true">⤢</span>
        </button>
      </div>
      <Spoken text={gone || spoken} />
    </div>
  );
}

export function pretty(name: string): string {
  return name.split("/").join(" · ");
}

/** Of so many seats each is named. */
const NAMED_MAX = 4;

/** The way to what is held, which on a small screen stands far above the map. */
function Chosen({ choice }: { choice: Choice }): JSX.Element | null {
  const { seats } = choice;
  return seats.length === 0 ? null : (
    <a class="button" href="#mine">
      {said.chosen}: {seats.length > NAMED_MAX ? number(seats.length) : seats.map(pretty).join(", ")}
    </a>
  );
}

function Legend({ slot, loaded, product }: { slot: Slot; loaded: Loaded; product: string | null }): JSX.Element {
  return (
    <ul class="legend" aria-label={said.legend}>
      {loaded.plan.categories.map(({ key, name }, index) => {
        const price = priceOf(slot, product, key, clock.now());
        return (
          <li key={key}>
            <i class={`swatch category-${index % loaded.seats.COLOURS}`} aria-hidden="true" />
            <span dir="auto">{name}</span>
            {price === undefined || price === null ? null : <span class="quiet"> {money(price, slot.currency ?? "EUR")}</span>}
          </li>
        );
      })}
      <li>
        <i class="swatch held" aria-hidden="true" />
        {said.states[1]}
      </li>
      <li>
        <i class="swatch taken" aria-hidden="true" />
        {said.states[2]}
      </li>
      <li>
        <i class="swatch mine" aria-hidden="true" />
        {said.mine}
      </li>
    </ul>
  );
}
