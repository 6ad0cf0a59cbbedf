// One stream a browser. The tab that holds the lock listens to the node and tells the others; when it goes, the next one takes over.
// A browser opens six connections to a server, so seven tabs that each streamed would keep the seventh from loading at all.

/** What a stream says; that the node has no room for it; or that the node cannot be reached, and is tried again. */
export type Heard = { kind: "event"; text: string } | { kind: "refused" | "lost" };

/** A tab that is hidden for so long lets go of what it streams. */
const HIDDEN_MS = 30_000;

/** Listens to what `name` names, through whichever tab streams it from `url`. Returns how to stop. */
export function listen(name: string, url: () => string, hear: (heard: Heard) => void): () => void {
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`live ${name}`) : undefined;
  let leave = lead(name, url, channel, hear);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let away = false;

  channel?.addEventListener("message", ({ data }: MessageEvent<Heard>) => hear(data));

  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        away = true;
        leave();
      }, HIDDEN_MS);
    } else if (away) {
      away = false;
      leave = lead(name, url, channel, hear);
    }
  };
  document.addEventListener("visibilitychange", look);

  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
    leave();
    channel?.close();
  };
}

/** Waits for its turn to stream, and streams until it is told to leave. */
function lead(name: string, url: () => string, channel: BroadcastChannel | undefined, hear: (heard: Heard) => void): () => void {
  const left = new AbortController();
  const tell = (heard: Heard): void => {
    if (!left.signal.aborted) {
      channel?.postMessage(heard);
      hear(heard);
    }
  };
  const turn = (): Promise<void> => stream(url, tell, left.signal);
  if ("locks" in navigator) {
    navigator.locks.request(`live ${name}`, { signal: left.signal }, turn).catch((error: unknown) => {
      if (!left.signal.aborted) {
        throw error;
      }
    });
  } else {
    void turn();
  }
  return () => left.abort();
}

/** After so long a stream that was refused is tried again; meanwhile others poll. */
const REFUSED_MS = 45_000;

function stream(url: () => string, tell: (heard: Heard) => void, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      source = new EventSource(url());
      source.addEventListener("message", ({ data }: MessageEvent<string>) => tell({ kind: "event", text: data }));
      source.addEventListener("error", () => {
        // A stream that broke comes back by itself. One that was refused does not: the node has no room for it.
        if (source?.readyState !== EventSource.CLOSED) {
          tell({ kind: "lost" });
        } else {
          tell({ kind: "refused" });
          timer = setTimeout(open, REFUSED_MS * (1 + Math.random()));
        }
      });
    };
    left.addEventListener("abort", () => {
      clearTimeout(timer);
      source?.close();
      resolve();
    });
    open();
  });
}
