// A slot as it is now: told by its stream, or asked for every few seconds where there is no room for one more stream.

import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import { read, Unread } from "../api/ask.ts";
import type { Frame, Slot } from "../api/shapes.ts";
import { clock } from "./clock.ts";
import { listen } from "./share.ts";

const POLL_MS = 5_000;
/** Then nothing changes any more. */
const OVER: readonly string[] = ["cancelled", "finished"];

export interface Watched {
  frame: Signal<Frame>;
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
  const path = `/v1/slots/${slot.id}`;
  let etag: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const take = (next: Frame): void => {
    if (isNews(next, frame.value)) {
      frame.value = next;
    }
    if (OVER.includes(next.status)) {
      stop();
    }
  };

  const poll = async (): Promise<void> => {
    try {
      const answer = document.hidden ? null : await read<Slot>(path, etag);
      if (answer) {
        etag = answer.etag;
        take(frameOf(answer.value));
      }
    } catch (error) {
      if (!(error instanceof Unread)) {
        throw error;
      }
    }
    if (!stopped) {
      timer = setTimeout(() => void poll(), POLL_MS * (1 + Math.random()));
    }
  };

  const unlisten = listen(slot.id, () => `${path}/live`, (heard) => {
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
    unlisten();
  };

  // What came with the page may be a few seconds old, and does not say what time it is to the millisecond.
  read<Slot>(path).then(
    (answer) => {
      if (answer) {
        etag = answer.etag;
        take(frameOf(answer.value));
      }
    },
    // The stream or the next poll says it.
    () => undefined,
  );
  return { frame, stop };
}
