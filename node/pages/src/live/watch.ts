// A slot as it is now: told by its stream, or asked for every few seconds where there is no room for one more stream.

import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import { read, Unread } from "../api/ask.ts";
import type { Frame, Slot } from "../api/shapes.ts";
import { clock } from "./clock.ts";
import { listen } from "./share.ts";

const POLL_MS = 5_000;
/** A stream that breaks is back sooner, as a rule. */
const LOST_MS = 4_000;
/** Then nothing changes any more. */
const OVER: readonly string[] = ["cancelled", "finished"];

export interface Watched {
  frame: Signal<Frame>;
  /** What it is besides: its organizer may say otherwise while somebody looks. */
  slot: Signal<Slot>;
  /** Whether nobody knows what has become of it meanwhile: the node cannot be reached. */
  lost: Signal<boolean>;
  /** Reads what it is by now. */
  renew: () => Promise<void>;
  stop: () => void;
}

export function frameOf(slot: Slot): Frame {
  const { seq, status, counts, bookable } = slot;
  const frame = { seq, status, counts, bookable, now: new Date(clock.now()).toISOString() };
  // How long it was when the node said so is no more true; when it opens is.
  const opens = Date.parse(slot.sale.opens_at ?? frame.now) - Date.parse(frame.now);
  return { ...frame, opens_in_ms: Math.max(0, opens) };
}

/** Whether one is news after the other: it never goes back, but time may change a status without a new seq. */
export function isNews(next: Frame, last: Frame): boolean {
  return next.seq > last.seq || (next.seq === last.seq && (next.status !== last.status || next.bookable !== last.bookable));
}

export function watch(slot: Slot): Watched {
  const frame = signal(frameOf(slot));
  const now = signal(slot);
  const lost = signal(false);
  const path = `/v1/slots/${slot.id}`;
  let etag: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let losing: ReturnType<typeof setTimeout> | undefined;
  let telling: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const take = (next: Frame): void => {
    if (isNews(next, frame.value)) {
      frame.value = next;
    }
    // The stream does not tell what an organizer has changed, but for this; and not all who look read it at once.
    if (next.counts.capacity !== now.value.counts.capacity && telling === undefined && !OVER.includes(next.status)) {
      telling = setTimeout(() => void renew().then(() => (telling = undefined)), POLL_MS * Math.random());
    }
    if (OVER.includes(next.status)) {
      stop();
    }
  };

  const reached = (): void => {
    clearTimeout(losing);
    losing = undefined;
    lost.value = false;
  };

  const renew = async (): Promise<void> => {
    try {
      const answer = await read<Slot>(path, etag);
      if (answer && answer.value.seq >= now.value.seq) {
        etag = answer.etag;
        now.value = answer.value;
        take(frameOf(answer.value));
      }
    } catch (error) {
      // The stream, or the next who asks, says it.
      if (!(error instanceof Unread)) {
        throw error;
      }
    }
  };

  const poll = async (): Promise<void> => {
    if (!document.hidden) {
      await renew();
    }
    if (!stopped) {
      timer = setTimeout(() => void poll(), POLL_MS * (1 + Math.random()));
    }
  };

  const unlisten = listen(slot.id, () => `${path}/live`, (heard) => {
    if (heard.kind === "lost") {
      losing ??= setTimeout(() => (lost.value = true), LOST_MS);
      return;
    }
    reached();
    clearTimeout(timer);
    if (heard.kind === "event") {
      const next = JSON.parse(heard.text) as Frame;
      clock.heard(Date.parse(next.now));
      take(next);
    } else if (!stopped) {
      timer = setTimeout(() => void poll(), POLL_MS * Math.random());
    }
  });

  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
    reached();
    clearTimeout(telling);
    unlisten();
  };

  // What came with the page may be a few seconds old, and does not say what time it is to the millisecond.
  void renew();
  return { frame, slot: now, lost, renew, stop };
}
