// Paying for a booking: an order is made of it, its provider's page takes the money, and what came of that is shown when one is back.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, sleep, Unread } from "../api/ask.ts";
import { pause } from "../api/outcome.ts";
import type { Attempt, Order } from "../api/shapes.ts";
import type { PaymentProperties } from "../parts/terms.tsx";
import { providers } from "../parts/terms.tsx";
import { Sure } from "../views/stub.tsx";
import { money } from "../words/format.ts";
import { words } from "../words/index.ts";
import { to } from "../words/link.ts";
import { parts } from "../words/parts.ts";
import { isMoving, mayPay, ownOf, pageOf, saidOf } from "./order.ts";

const said = parts.money;
/** So long the node waits for news of an order before it says that there are none. */
const WAIT_MS = 9_000;

export function Pay({ booking, act, take, reload }: PaymentProperties): JSX.Element {
  const [order, show] = useOrder(booking.order ?? null, reload);
  const [asks, ask] = useState(false);
  const change = async (verb: string, body?: unknown): Promise<void> => {
    const changed = order && (await act.run<Order>(`/v1/orders/${order.id}/${verb}`, body));
    if (changed) {
      show(changed);
      const own = ownOf(changed, booking.id).booking;
      if (own) {
        take(own);
      }
    } else {
      reload();
    }
  };

  const pay = async (provider: string): Promise<void> => {
    const made = order ?? (await act.run<Order>("/v1/orders", { items: [{ booking: booking.id }], expect_amount: booking.amount }));
    const back = new URL(to(`/bookings/${booking.id}`), location.href).href;
    const attempt = made && (await act.run<Attempt>(`/v1/orders/${made.id}/attempts`, { provider, return_url: back }));
    const page = attempt ? pageOf(attempt.redirect_url, location.href) : null;
    if (page !== null) {
      location.assign(page);
    } else {
      reload();
    }
  };

  // An order of several is given back one by one.
  const cancel = (): Promise<void> => change("cancel", order && order.items.length > 1 ? { items: [ownOf(order, booking.id).index] } : undefined);
  const news = order && saidOf(order);
  const text = news === null ? "" : typeof news === "string" ? said[news] : (said.payments[news.payment] ?? "");
  const [provider] = providers;
  return (
    <>
      <p class={news === "declined" ? "said refused" : "said wait"} role="status" data-payment={order?.payment}>
        {text}
      </p>
      <div class="buttons">
        {provider !== undefined && booking.status === "held" && (order === null ? !booking.order : mayPay(order)) ? (
          <button class="primary" disabled={act.busy} onClick={() => void pay(provider)}>
            {said.pay(money(booking.amount ?? 0, booking.currency ?? "EUR"))}
          </button>
        ) : null}
        {order?.status === "held" ? (
          <button disabled={act.busy} onClick={() => void change("extend")}>
            {words.booking.extend}
          </button>
        ) : null}
        {order && (booking.status === "held" || booking.status === "confirmed") ? (
          <button class="quiet" disabled={act.busy} onClick={() => (booking.status === "confirmed" ? ask(true) : void cancel())}>
            {booking.status === "confirmed" ? words.booking.cancelConfirmed : words.booking.cancel}
          </button>
        ) : null}
        {asks ? <Sure yes={() => void cancel()} close={() => ask(false)} /> : null}
      </div>
    </>
  );
}

/** An order as it is by now, for as long as something may become of it while somebody looks. */
function useOrder(id: string | null, reload: () => void): [Order | null, (order: Order) => void] {
  const [order, show] = useState<Order | null>(null);
  useEffect(() => {
    let [dropped, looking, tries, seq] = [false, false, 0, -1];
    const look = async (): Promise<void> => {
      if (looking || id === null) {
        return;
      }
      looking = true;
      for (let moves = true; moves && !dropped && !document.hidden; ) {
        try {
          const read = await get<Order>(`/v1/orders/${id}${seq < 0 ? "" : `?wait_ms=${WAIT_MS}`}`);
          if (seq >= 0 && read.seq !== seq) {
            reload();
          }
          [tries, seq, moves] = [0, read.seq, isMoving(read)];
          show(read);
        } catch (error) {
          if (!(error instanceof Unread)) {
            throw error;
          }
          tries += 1;
        }
        if (moves) {
          await sleep(pause(tries, Math.random()));
        }
      }
      looking = false;
    };
    const start = (): void => void look();
    start();
    document.addEventListener("visibilitychange", start);
    return () => {
      dropped = true;
      document.removeEventListener("visibilitychange", start);
    };
  }, [id]);
  return [order, show];
}
