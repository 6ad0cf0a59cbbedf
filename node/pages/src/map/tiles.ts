// Tiles: the house cut into squares that are drawn once and kept. What changes is painted over in those that are kept.
//
// A zoom `z` means 2^z device pixels for a unit of the map; tile (z, x, y) has its corner at x · side, y · side, where side is what a
// tile spans at that zoom.

import type { Box } from "./geometry.ts";

export const TILE_PX = 256;
export const KEPT_MAX = 192;

export interface Place {
  z: number;
  x: number;
  y: number;
}

/** The zoom whose tiles are drawn at a scale: the next finer one, so that nothing is blurred. */
export function zoomOf(devicePixels: number): number {
  return Math.ceil(Math.log2(devicePixels) - 0.25);
}

export function sideOf(z: number): number {
  return TILE_PX / 2 ** z;
}

/** The tiles that a box touches at a zoom, the ones in the middle first. */
export function tilesIn(box: Box, z: number): Place[] {
  const side = sideOf(z);
  const places: Place[] = [];
  for (let y = Math.floor(box.top / side); y * side < box.bottom; y += 1) {
    for (let x = Math.floor(box.left / side); x * side < box.right; x += 1) {
      places.push({ z, x, y });
    }
  }
  const middle = { x: (box.left + box.right) / 2 / side - 0.5, y: (box.top + box.bottom) / 2 / side - 0.5 };
  const distance = (place: Place): number => (place.x - middle.x) ** 2 + (place.y - middle.y) ** 2;
  return places.sort((one, other) => distance(one) - distance(other));
}

export function boxOf({ z, x, y }: Place): Box {
  const side = sideOf(z);
  return { left: x * side, top: y * side, right: (x + 1) * side, bottom: (y + 1) * side };
}

function nameOf({ z, x, y }: Place): string {
  return `${z} ${x} ${y}`;
}

/** What is kept of tiles: the least recently used goes first. */
export class Tiles<Drawn> {
  private readonly kept = new Map<string, { place: Place; drawn: Drawn }>();

  get(place: Place): Drawn | undefined {
    const name = nameOf(place);
    const found = this.kept.get(name);
    if (found) {
      this.kept.delete(name);
      this.kept.set(name, found);
    }
    return found?.drawn;
  }

  /** Keeps a tile. Whoever draws a new one takes a spare one first. */
  keep(place: Place, drawn: Drawn): void {
    this.kept.set(nameOf(place), { place, drawn });
  }

  /** One that can be drawn over, if as many are kept as may be. */
  spare(): Drawn | undefined {
    if (this.kept.size < KEPT_MAX) {
      return undefined;
    }
    const [name, oldest] = this.kept.entries().next().value!;
    this.kept.delete(name);
    return oldest.drawn;
  }

  /** The nearest coarser tile that shows the place, and which part of it. */
  coarser(place: Place): { drawn: Drawn; x: number; y: number; share: number } | undefined {
    for (let up = 1; up <= 4; up += 1) {
      const share = 1 / 2 ** up;
      const parent = { z: place.z - up, x: Math.floor(place.x * share), y: Math.floor(place.y * share) };
      const found = this.kept.get(nameOf(parent));
      if (found) {
        return { drawn: found.drawn, x: place.x * share - parent.x, y: place.y * share - parent.y, share };
      }
    }
    return undefined;
  }

  /** Calls `each` with every kept tile that a point may be seen in. */
  at(x: number, y: number, reach: number, each: (place: Place, drawn: Drawn) => void): void {
    for (const { place, drawn } of this.kept.values()) {
      const box = boxOf(place);
      if (x + reach >= box.left && x - reach < box.right && y + reach >= box.top && y - reach < box.bottom) {
        each(place, drawn);
      }
    }
  }

  clear(): void {
    this.kept.clear();
  }
}
