// Where every seat of a house is, and what it is called: read once of its seatmap, then only looked up.

import type { Seatmap, SeatmapRow } from "../api/shapes.ts";

export const ACCESSIBLE = 1;
export const COMPANION = 2;
export const RESTRICTED = 4;

export interface Row {
  section: number;
  key: string;
  /** Its first seat in the order of the map. */
  first: number;
  numbers: string[];
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Rows of a section that stand together and are of one category. */
export interface Block {
  category: number;
  first: number;
  count: number;
  /** Its outline, as x, y, x, y, … */
  hull: number[];
}

export interface SectionPlan {
  key: string;
  name: string;
  first: number;
  count: number;
  rows: Row[];
  blocks: Block[];
  box: Box;
}

export interface Plan {
  count: number;
  xs: Float64Array;
  ys: Float64Array;
  /** Of each seat: the index of its row in `rows`, of its category in the map's, and what is special about it. */
  rowOf: Uint16Array;
  categoryOf: Uint8Array;
  flags: Uint8Array;
  rows: Row[];
  sections: SectionPlan[];
  categories: { key: string; name: string }[];
  areas: { key: string; name: string; category: string }[];
  box: Box;
  /** What lies between neighbours. */
  pitch: number;
}

/** The numbers of an item of a row: `1-14`, `27-1/2`, `1,2,5-7`. */
export function numbersOf(item: string): string[] {
  return item.split(",").flatMap((part) => {
    const range = /^(\d+)-(\d+)(?:\/(\d+))?$/.exec(part);
    if (!range) {
      return [part];
    }
    const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
    const count = Math.floor(Math.abs(to - from) / step) + 1;
    return Array.from({ length: count }, (_, i) => String(to < from ? from - i * step : from + i * step));
  });
}

export function planOf(map: Seatmap): Plan {
  const rows: Row[] = [];
  const placed: { row: SeatmapRow; numbers: string[] }[] = [];
  let count = 0;
  const sections = map.sections.map((section, index) => {
    const first = count;
    const own = section.rows.map((row) => {
      const numbers = row.seats.flatMap(numbersOf);
      const plan = { section: index, key: row.key, first: count, numbers };
      count += numbers.length;
      rows.push(plan);
      placed.push({ row, numbers });
      return plan;
    });
    return { key: section.key, name: section.name || section.key, first, count: count - first, rows: own };
  });

  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  const rowOf = new Uint16Array(count);
  const categoryOf = new Uint8Array(count);
  const flags = new Uint8Array(count);
  const category = new Map(map.categories.map(({ key }, index) => [key, index]));
  placed.forEach(({ row, numbers }, index) => {
    const { first } = rows[index]!;
    const at = row.at ?? [0, 0];
    const to = row.to ?? at;
    const last = Math.max(1, numbers.length - 1);
    const own = new Map(numbers.map((number, i) => [number, first + i]));
    const mark = (items: string[] | undefined, what: (seat: number) => void): void =>
      (items ?? []).flatMap(numbersOf).forEach((number) => {
        const seat = own.get(number);
        if (seat !== undefined) {
          what(seat);
        }
      });
    numbers.forEach((_, i) => {
      xs[first + i] = between(at[0]!, to[0]!, i / last);
      ys[first + i] = between(at[1]!, to[1]!, i / last);
      rowOf[first + i] = index;
      categoryOf[first + i] = category.get(row.category) ?? 0;
    });
    mark(row.accessible, (seat) => (flags[seat]! |= ACCESSIBLE));
    mark(row.companion, (seat) => (flags[seat]! |= COMPANION));
    mark(row.restricted, (seat) => (flags[seat]! |= RESTRICTED));
    for (const [key, items] of Object.entries(row.categories ?? {})) {
      mark(items, (seat) => (categoryOf[seat] = category.get(key) ?? 0));
    }
  });

  const pitch = pitchOf(xs, ys, rows);
  const outlined = sections.map((section) => {
    const blocks = blocksOf(section.rows, categoryOf);
    const drawn = blocks.map((block) => ({ ...block, hull: hullOf(xs, ys, block.first, block.count) }));
    return { ...section, blocks: drawn, box: boxOf(drawn.flatMap(({ hull }) => hull), pitch) };
  });
  const box = boxOf(outlined.flatMap(({ blocks }) => blocks.flatMap(({ hull }) => hull)), pitch);
  return { count, xs, ys, rowOf, categoryOf, flags, rows, sections: outlined, categories: map.categories.map(named), areas: (map.areas ?? []).map(named), box, pitch };
}

/** A row is of the category that it has in the middle. */
function blocksOf(rows: readonly Row[], categoryOf: Uint8Array): Omit<Block, "hull">[] {
  const blocks: Omit<Block, "hull">[] = [];
  for (const row of rows) {
    const [category, last] = [categoryOf[row.first + (row.numbers.length >> 1)]!, blocks.at(-1)];
    if (last?.category === category) {
      last.count += row.numbers.length;
    } else {
      blocks.push({ category, first: row.first, count: row.numbers.length });
    }
  }
  return blocks;
}

function named<Thing extends { key: string; name?: string }>(thing: Thing): Thing & { name: string } {
  return { ...thing, name: thing.name || thing.key };
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

export function nameOf(plan: Plan, seat: number): string {
  const row = plan.rows[plan.rowOf[seat] ?? 0]!;
  return `${plan.sections[row.section]!.key}/${row.key}/${row.numbers[seat - row.first] ?? ""}`;
}

export function numberOf(plan: Plan, seat: number): string {
  const row = plan.rows[plan.rowOf[seat] ?? 0]!;
  return row.numbers[seat - row.first] ?? "";
}

/** The seat with this name, as bookings name it. */
export function seatOf(plan: Plan, name: string): number | undefined {
  const [section, key, number] = name.split("/");
  const row = plan.sections.find((one) => one.key === section)?.rows.find((one) => one.key === key);
  const at = row?.numbers.indexOf(number ?? "") ?? -1;
  return row && at >= 0 ? row.first + at : undefined;
}

/** The usual distance of neighbours, or of rows where those are closer. */
function pitchOf(xs: Float64Array, ys: Float64Array, rows: Row[]): number {
  const found: number[] = [];
  rows.forEach((row, index) => {
    const next = rows[index + 1];
    if (row.numbers.length > 1) {
      found.push(Math.hypot(xs[row.first + 1]! - xs[row.first]!, ys[row.first + 1]! - ys[row.first]!));
    }
    if (next && next.section === row.section) {
      const length = Math.hypot(xs[next.first]! - xs[row.first]!, ys[next.first]! - ys[row.first]!);
      found.push(length);
    }
  });
  const distances = found.filter((distance) => distance > 0).sort((one, other) => one - other);
  return distances[Math.floor(distances.length / 4)] ?? 100;
}

/** The least outline without dents around some seats (Andrew's monotone chain). */
function hullOf(xs: Float64Array, ys: Float64Array, first: number, count: number): number[] {
  const seats = Array.from({ length: count }, (_, i) => first + i).sort((a, b) => xs[a]! - xs[b]! || ys[a]! - ys[b]!);
  const turn = (a: number, b: number, c: number): number =>
    (xs[b]! - xs[a]!) * (ys[c]! - ys[a]!) - (ys[b]! - ys[a]!) * (xs[c]! - xs[a]!);
  const half = (ordered: number[]): number[] => {
    const chain: number[] = [];
    for (const seat of ordered) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, seat) <= 0) {
        chain.pop();
      }
      chain.push(seat);
    }
    return chain.slice(0, -1);
  };
  const around = count === 1 ? seats : [...half(seats), ...half([...seats].reverse())];
  return around.flatMap((seat) => [xs[seat]!, ys[seat]!]);
}

function boxOf(points: number[], margin: number): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i + 1 < points.length; i += 2) {
    box.left = Math.min(box.left, points[i]! - margin);
    box.right = Math.max(box.right, points[i]! + margin);
    box.top = Math.min(box.top, points[i + 1]! - margin);
    box.bottom = Math.max(box.bottom, points[i + 1]! + margin);
  }
  return box.left > box.right ? { left: 0, top: 0, right: 1, bottom: 1 } : box;
}

/** Seats by where they are: which are in a box, and which is under a point. */
export class Grid {
  private readonly cell: number;
  private readonly columns: number;
  private readonly lines: number;
  private readonly starts: Uint32Array;
  private readonly seats: Uint32Array;

  constructor(private readonly plan: Plan) {
    const { box, pitch, count, xs, ys } = plan;
    const side = Math.max(box.right - box.left, box.bottom - box.top);
    this.cell = Math.max(pitch * 2, side / 512);
    this.columns = Math.ceil((box.right - box.left) / this.cell) + 1;
    this.lines = Math.ceil((box.bottom - box.top) / this.cell) + 1;
    this.starts = new Uint32Array(this.columns * this.lines + 1);
    this.seats = new Uint32Array(count);
    const cellOf = (seat: number): number => this.line(ys[seat]!) * this.columns + this.column(xs[seat]!);
    for (let seat = 0; seat < count; seat += 1) {
      this.starts[cellOf(seat) + 1]! += 1;
    }
    for (let cell = 0; cell < this.columns * this.lines; cell += 1) {
      this.starts[cell + 1]! += this.starts[cell]!;
    }
    const next = this.starts.slice();
    for (let seat = 0; seat < count; seat += 1) {
      const cell = cellOf(seat);
      this.seats[next[cell]!] = seat;
      next[cell]! += 1;
    }
  }

  private column(x: number): number {
    return Math.max(0, Math.min(this.columns - 1, Math.floor((x - this.plan.box.left) / this.cell)));
  }

  private line(y: number): number {
    return Math.max(0, Math.min(this.lines - 1, Math.floor((y - this.plan.box.top) / this.cell)));
  }

  /** Calls `each` with every seat whose centre is in the box. */
  within(box: Box, each: (seat: number) => void): void {
    const { xs, ys } = this.plan;
    const [from, to] = [this.column(box.left), this.column(box.right)];
    for (let line = this.line(box.top); line <= this.line(box.bottom); line += 1) {
      const end = this.starts[line * this.columns + to + 1]!;
      for (let i = this.starts[line * this.columns + from]!; i < end; i += 1) {
        const seat = this.seats[i]!;
        if (xs[seat]! >= box.left && xs[seat]! < box.right && ys[seat]! >= box.top && ys[seat]! < box.bottom) {
          each(seat);
        }
      }
    }
  }

  /** The nearest seat within reach of a point. */
  at(x: number, y: number, reach: number): number | undefined {
    let nearest: number | undefined;
    let least = reach * reach;
    this.within({ left: x - reach, right: x + reach, top: y - reach, bottom: y + reach }, (seat) => {
      const distance = (this.plan.xs[seat]! - x) ** 2 + (this.plan.ys[seat]! - y) ** 2;
      if (distance <= least) {
        least = distance;
        nearest = seat;
      }
    });
    return nearest;
  }
}
