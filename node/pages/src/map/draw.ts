// How a seat looks. Its state has a shape as well as a colour: a disc is free, a ring is held by somebody, a dot is taken.

import { FREE, HELD } from "./codec.ts";
import { ACCESSIBLE } from "./geometry.ts";
import type { Level } from "./viewport.ts";

export interface Colours {
  paper: string;
  ink: string;
  quiet: string;
  line: string;
  refused: string;
  categories: string[];
  onCategory: string;
}

/** So many categories have a colour of their own. */
export const COLOURS = 12;

/** The colours of the page as they are now: light or dark. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: of("map"),
    ink: of("ink"),
    quiet: of("quiet"),
    line: of("line"),
    refused: of("refused"),
    categories: Array.from({ length: COLOURS }, (_, n) => of(`category-${n}`)),
    onCategory: of("on-category"),
  };
}

export interface Look {
  state: number;
  category: number;
  flags: number;
  number: string;
}

const RADIUS = 0.4;

/** Draws a seat of a tile around x, y; `pitch` is in the canvas' pixels. */
export function drawSeat(canvas: CanvasDrawing, look: Look, x: number, y: number, pitch: number, level: Level, colours: Colours): void {
  const colour = colours.categories[look.category % colours.categories.length]!;
  const radius = pitch * RADIUS;
  if (level !== "near") {
    canvas.fillStyle = look.state === FREE ? colour : colours.line;
    const half = look.state === FREE ? radius : radius * (look.state === HELD ? 0.7 : 0.45);
    canvas.fillRect(x - half, y - half, half * 2, half * 2);
    return;
  }
  canvas.beginPath();
  if (look.state === FREE) {
    shape(canvas, look.flags, x, y, radius);
    canvas.fillStyle = colour;
    canvas.fill();
    label(canvas, look.flags & ACCESSIBLE ? "♿" : look.number, x, y, pitch, colours.onCategory);
  } else if (look.state === HELD) {
    canvas.arc(x, y, radius * 0.82, 0, Math.PI * 2);
    canvas.lineWidth = Math.max(1, pitch * 0.07);
    canvas.strokeStyle = colours.quiet;
    canvas.stroke();
  } else {
    canvas.arc(x, y, radius * 0.35, 0, Math.PI * 2);
    canvas.fillStyle = colours.line;
    canvas.fill();
  }
}

export type CanvasDrawing = CanvasRenderingContext2D;

function shape(canvas: CanvasDrawing, flags: number, x: number, y: number, radius: number): void {
  if (flags & ACCESSIBLE) {
    canvas.roundRect(x - radius, y - radius, radius * 2, radius * 2, radius * 0.3);
  } else {
    canvas.arc(x, y, radius, 0, Math.PI * 2);
  }
}

function label(canvas: CanvasDrawing, text: string, x: number, y: number, pitch: number, colour: string): void {
  canvas.fillStyle = colour;
  canvas.font = `600 ${Math.round(pitch * (text.length > 2 ? 0.27 : 0.34))}px system-ui, sans-serif`;
  canvas.textAlign = "center";
  canvas.textBaseline = "middle";
  canvas.fillText(text, x, y + pitch * 0.02);
}

export type Mark = "mine" | "asking" | "conflict" | "hover";

/** Draws what concerns the one who looks, over the tiles. */
export function drawMark(canvas: CanvasDrawing, mark: Mark, x: number, y: number, pitch: number, colours: Colours): void {
  const radius = Math.max(4, pitch * RADIUS);
  canvas.beginPath();
  canvas.arc(x, y, radius, 0, Math.PI * 2);
  canvas.lineWidth = Math.max(1.5, radius * 0.22);
  if (mark === "hover") {
    canvas.strokeStyle = colours.ink;
    canvas.stroke();
    return;
  }
  canvas.fillStyle = mark === "mine" ? colours.ink : colours.paper;
  canvas.fill();
  canvas.strokeStyle = mark === "conflict" ? colours.refused : colours.ink;
  canvas.setLineDash(mark === "asking" ? [radius * 0.6, radius * 0.5] : []);
  canvas.stroke();
  canvas.setLineDash([]);
  if (mark !== "asking") {
    const arm = radius * 0.42;
    canvas.beginPath();
    if (mark === "mine") {
      canvas.moveTo(x - arm, y);
      canvas.lineTo(x - arm * 0.2, y + arm * 0.75);
      canvas.lineTo(x + arm, y - arm * 0.7);
      canvas.strokeStyle = colours.paper;
    } else {
      canvas.moveTo(x - arm, y - arm);
      canvas.lineTo(x + arm, y + arm);
      canvas.moveTo(x + arm, y - arm);
      canvas.lineTo(x - arm, y + arm);
    }
    canvas.stroke();
  }
}

/** Draws a part of a section from afar: of which category it is, and the paler the less of it is free. */
export function drawBlock(canvas: CanvasDrawing, points: [number, number][], { category, share }: { category: number; share: number }, colours: Colours, room: number): void {
  canvas.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? canvas.moveTo(x, y) : canvas.lineTo(x, y)));
  canvas.closePath();
  canvas.lineJoin = "round";
  canvas.lineWidth = room;
  for (const [colour, alpha] of [
    [colours.line, 1],
    [colours.categories[category % colours.categories.length]!, 0.15 + 0.85 * share],
  ] as const) {
    canvas.globalAlpha = share === 0 && colour !== colours.line ? 0 : alpha;
    canvas.fillStyle = colour;
    canvas.strokeStyle = colour;
    canvas.stroke();
    canvas.fill();
  }
  canvas.globalAlpha = 1;
}

/** Writes a section's name, and what is free in it, on a plate that can be read on any ground. */
export function drawName(canvas: CanvasDrawing, name: string, free: string, x: number, y: number, size: number, colours: Colours): void {
  canvas.textAlign = "center";
  canvas.textBaseline = "middle";
  canvas.font = `650 ${size}px system-ui, sans-serif`;
  const wide = canvas.measureText(name).width;
  canvas.font = `${size}px system-ui, sans-serif`;
  const room = Math.max(wide, canvas.measureText(free).width) / 2 + size * (free === "" ? 0.3 : 0.6);
  const lines = free === "" ? 0.75 : 1.45;
  canvas.fillStyle = colours.paper;
  canvas.globalAlpha = 0.92;
  canvas.beginPath();
  canvas.roundRect(x - room, y - size * lines, room * 2, size * lines * 2, size * 0.4);
  canvas.fill();
  canvas.globalAlpha = 1;
  canvas.fillStyle = colours.ink;
  canvas.font = `650 ${size}px system-ui, sans-serif`;
  canvas.fillText(name, x, free === "" ? y : y - size * 0.62);
  canvas.fillStyle = colours.quiet;
  canvas.font = `${size}px system-ui, sans-serif`;
  canvas.fillText(free, x, y + size * 0.68);
}
