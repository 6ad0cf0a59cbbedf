// Which part of the house is seen: a scale and a corner, and how they move.

import type { Box } from "./geometry.ts";

export interface Viewport {
  /** Pixels of the page for each unit of the map. */
  scale: number;
  /** What is in the upper left corner. */
  left: number;
  top: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A seat is never drawn larger than this, from one to the next. */
const PITCH_PX_MAX = 64;
const MARGIN_PX = 12;

export function fit(box: Box, size: Size): Viewport {
  const wide = Math.max(1, size.width - 2 * MARGIN_PX) / (box.right - box.left);
  const high = Math.max(1, size.height - 2 * MARGIN_PX) / (box.bottom - box.top);
  const scale = Math.min(wide, high);
  return {
    scale,
    left: (box.left + box.right) / 2 - size.width / 2 / scale,
    top: (box.top + box.bottom) / 2 - size.height / 2 / scale,
  };
}

/** Zooms by a factor, and what is at a point of the page stays there. */
export function zoom(view: Viewport, factor: number, x: number, y: number): Viewport {
  const scale = view.scale * factor;
  return { scale, left: view.left + x / view.scale - x / scale, top: view.top + y / view.scale - y / scale };
}

export function pan(view: Viewport, dx: number, dy: number): Viewport {
  return { ...view, left: view.left - dx / view.scale, top: view.top - dy / view.scale };
}

/** Keeps it between the whole house and single seats, and the middle of what is seen within the house. */
export function held(view: Viewport, box: Box, size: Size, pitch: number): Viewport {
  const whole = fit(box, size);
  const scale = Math.max(whole.scale, Math.min(view.scale, Math.max(PITCH_PX_MAX / pitch, whole.scale)));
  const middle = { x: view.left + size.width / 2 / view.scale, y: view.top + size.height / 2 / view.scale };
  const x = Math.max(box.left, Math.min(box.right, middle.x));
  const y = Math.max(box.top, Math.min(box.bottom, middle.y));
  return scale === whole.scale ? whole : { scale, left: x - size.width / 2 / scale, top: y - size.height / 2 / scale };
}

export type Level = "far" | "middle" | "near";

const MIDDLE_PX = 5;
/** From here on a seat is large enough to be chosen: 24 pixels with what is around it. */
const NEAR_PX = 20;

/** What is drawn at a scale: sections, squares, or seats that can be told apart. */
export function levelOf(scale: number, pitch: number): Level {
  const pixels = scale * pitch;
  if (pixels < MIDDLE_PX) {
    return "far";
  }
  return pixels < NEAR_PX ? "middle" : "near";
}

/** The scale at which seats can be chosen with some room. */
export function nearScale(pitch: number): number {
  return (NEAR_PX * 1.5) / pitch;
}
