// Fingers, mouse and keys on the map. Everything that a gesture does, a button or a key does too.

export interface Moves {
  pan: (dx: number, dy: number) => void;
  zoom: (factor: number, x: number, y: number) => void;
  whole: () => void;
  tap: (x: number, y: number) => void;
  hover: (x: number, y: number) => void;
}

const TAP_PX = 8;
const KEY_PX = 60;
export const STEP = 1.6;
const WHEEL = 0.0022;

interface Finger {
  x: number;
  y: number;
}

/** Listens to a canvas until it is told to stop. */
export function gestures(canvas: HTMLCanvasElement, moves: Moves): () => void {
  const fingers = new Map<number, Finger>();
  let travelled = 0;
  const over = new AbortController();
  const options = { signal: over.signal };
  const place = (event: PointerEvent | WheelEvent): Finger => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  canvas.addEventListener(
    "pointerdown",
    (event) => {
      // Another button than the first means something else than this seat.
      if (event.button !== 0) {
        return;
      }
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, place(event));
      travelled = fingers.size > 1 ? Infinity : 0;
    },
    options,
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      const now = place(event);
      const before = fingers.get(event.pointerId);
      if (!before) {
        moves.hover(now.x, now.y);
        return;
      }
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        pinch(before, now, other, moves);
      } else {
        travelled += Math.hypot(now.x - before.x, now.y - before.y);
        if (travelled > TAP_PX) {
          moves.pan(now.x - before.x, now.y - before.y);
        }
      }
      fingers.set(event.pointerId, now);
    },
    options,
  );
  const lift = (event: PointerEvent): void => {
    const last = fingers.get(event.pointerId);
    fingers.delete(event.pointerId);
    if (last && event.type === "pointerup" && travelled <= TAP_PX) {
      moves.tap(last.x, last.y);
    }
  };
  canvas.addEventListener("pointerup", lift, options);
  canvas.addEventListener("pointercancel", lift, options);
  canvas.addEventListener(
    "wheel",
    (event) => {
      // Who scrolls past the map does not mean it, unless they are at it.
      if (event.ctrlKey || document.activeElement === canvas) {
        event.preventDefault();
        const { x, y } = place(event);
        moves.zoom(Math.exp(-event.deltaY * WHEEL), x, y);
      }
    },
    { ...options, passive: false },
  );
  canvas.addEventListener("keydown", (event) => press(event, canvas, moves), options);
  return () => over.abort();
}

function pinch(before: Finger, now: Finger, other: Finger, moves: Moves): void {
  const was = Math.hypot(before.x - other.x, before.y - other.y);
  const is = Math.hypot(now.x - other.x, now.y - other.y);
  moves.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  if (was > 0) {
    moves.zoom(is / was, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }
}

function press(event: KeyboardEvent, canvas: HTMLCanvasElement, moves: Moves): void {
  const middle: [number, number] = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const does: Record<string, () => void> = {
    ArrowLeft: () => moves.pan(KEY_PX, 0),
    ArrowRight: () => moves.pan(-KEY_PX, 0),
    ArrowUp: () => moves.pan(0, KEY_PX),
    ArrowDown: () => moves.pan(0, -KEY_PX),
    "+": () => moves.zoom(STEP, ...middle),
    "=": () => moves.zoom(STEP, ...middle),
    "-": () => moves.zoom(1 / STEP, ...middle),
    "0": moves.whole,
    Enter: () => moves.tap(...middle),
  };
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : does[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
}
