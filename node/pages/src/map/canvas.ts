// The map on its canvas: frames of at most a few milliseconds of script, however large the house.

import { FREE } from "./codec.ts";
import type { Colours, Mark } from "./draw.ts";
import { coloursOf, drawBlock, drawMark, drawName, drawSeat } from "./draw.ts";
import { gestures, STEP } from "./gestures.ts";
import type { Box, Plan } from "./geometry.ts";
import { Grid, nameOf, numberOf } from "./geometry.ts";
import type { Place } from "./tiles.ts";
import { boxOf, sideOf, TILE_PX, Tiles, tilesIn, zoomOf } from "./tiles.ts";
import type { Level, Size, Viewport } from "./viewport.ts";
import { fit, held, levelOf, nearScale, pan, zoom } from "./viewport.ts";

/** So many milliseconds of a frame go to tiles that were not drawn yet. */
const TILES_MS = 2;
const NAME_PX = 13;
const TOOK_MAX = 240;

export interface Words {
  free: (n: number) => string;
  seat: (name: string) => string;
}

export interface Marks {
  mine: ReadonlySet<number>;
  asking: ReadonlySet<number>;
  conflicts: ReadonlySet<number>;
}

interface Drawn {
  element: HTMLCanvasElement;
  canvas: CanvasRenderingContext2D;
}

export class SeatCanvas {
  private readonly grid: Grid;
  private readonly tiles = new Tiles<Drawn>();
  /** How many seats are free of each block of each section. */
  private free: number[][] = [];
  private readonly context: CanvasRenderingContext2D;
  private readonly stop: (() => void)[] = [];
  private colours: Colours;
  private size: Size = { width: 1, height: 1 };
  private dpr = 1;
  private view: Viewport = { scale: 1, left: 0, top: 0 };
  private marks: Marks = { mine: new Set(), asking: new Set(), conflicts: new Set() };
  private hovered: number | undefined;
  /** What the last frames cost in script, in milliseconds, for those who measure. */
  readonly took: number[] = [];
  private asked = 0;
  private moved = false;

  constructor(
    private readonly element: HTMLCanvasElement,
    private readonly plan: Plan,
    private readonly states: Uint8Array,
    private readonly words: Words,
    private readonly choose: (seat: number) => void,
  ) {
    this.grid = new Grid(plan);
    this.context = element.getContext("2d", { alpha: false })!;
    this.colours = coloursOf(element);
    this.count();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const recolour = (): void => {
      this.colours = coloursOf(element);
      this.tiles.clear();
      this.ask();
    };
    scheme.addEventListener("change", recolour);
    const watcher = new ResizeObserver(() => this.resize());
    watcher.observe(element);
    this.stop.push(
      () => scheme.removeEventListener("change", recolour),
      () => watcher.disconnect(),
      gestures(element, {
        pan: (dx, dy) => this.look(pan(this.view, dx, dy)),
        zoom: (factor, x, y) => this.look(zoom(this.view, factor, x, y)),
        whole: () => this.whole(),
        tap: (x, y) => this.tap(x, y),
        hover: (x, y) => this.hover(x, y),
      }),
    );
    this.resize();
  }

  close(): void {
    cancelAnimationFrame(this.asked);
    this.stop.forEach((stop) => stop());
  }

  /** Zooms to the middle, or where there is nothing in the middle, to the seats that are nearest to it. */
  closer(): void {
    const { width, height } = this.size;
    const middle = { x: this.view.left + width / 2 / this.view.scale, y: this.view.top + height / 2 / this.view.scale };
    const nearest = this.grid.at(middle.x, middle.y, (width + height) / 4 / this.view.scale);
    if (nearest === undefined) {
      this.look(zoom(this.view, STEP, width / 2, height / 2));
    } else {
      const { x, y } = this.where(nearest);
      this.look(zoom(pan(this.view, (width / 2 - x) / 2, (height / 2 - y) / 2), STEP, width / 2, height / 2));
    }
  }

  farther(): void {
    this.look(zoom(this.view, 1 / STEP, this.size.width / 2, this.size.height / 2));
  }

  whole(): void {
    this.look(fit(this.plan.box, this.size));
    this.moved = false;
  }

  /** Shows a seat, near enough to be chosen. */
  show(seat: number): void {
    const scale = Math.max(this.view.scale, nearScale(this.plan.pitch));
    const { width, height } = this.size;
    this.look({ scale, left: this.plan.xs[seat]! - width / 2 / scale, top: this.plan.ys[seat]! - height / 2 / scale });
  }

  /** Where a seat is on the canvas, in pixels of the page. */
  where(seat: number): { x: number; y: number } {
    const { scale, left, top } = this.view;
    return { x: (this.plan.xs[seat]! - left) * scale, y: (this.plan.ys[seat]! - top) * scale };
  }

  mark(marks: Marks): void {
    this.marks = marks;
    this.ask();
  }

  /** These seats are otherwise than they were: they are painted over wherever they were drawn. */
  changed(seats: readonly number[]): void {
    const { xs, ys, pitch } = this.plan;
    for (const seat of seats) {
      this.tiles.at(xs[seat]!, ys[seat]!, pitch / 2, (place, { canvas }) => this.repaint(canvas, place, seat));
    }
    this.count();
    this.ask();
  }

  private count(): void {
    this.free = this.plan.sections.map(({ blocks }) =>
      blocks.map(({ first, count }) => {
        let free = 0;
        for (let seat = first; seat < first + count; seat += 1) {
          free += this.states[seat] === FREE ? 1 : 0;
        }
        return free;
      }),
    );
  }

  private look(view: Viewport): void {
    this.view = held(view, this.plan.box, this.size, this.plan.pitch);
    this.moved = true;
    this.ask();
  }

  private resize(): void {
    this.size = { width: this.element.clientWidth || 1, height: this.element.clientHeight || 1 };
    this.dpr = Math.min(3, devicePixelRatio || 1);
    this.element.width = Math.round(this.size.width * this.dpr);
    this.element.height = Math.round(this.size.height * this.dpr);
    this.view = this.moved ? held(this.view, this.plan.box, this.size, this.plan.pitch) : fit(this.plan.box, this.size);
    this.ask();
  }

  private tap(x: number, y: number): void {
    const at = { x: this.view.left + x / this.view.scale, y: this.view.top + y / this.view.scale };
    if (levelOf(this.view.scale, this.plan.pitch) !== "near") {
      // A seat that small cannot be meant: what was meant comes near first.
      const scale = nearScale(this.plan.pitch);
      this.look({ scale, left: at.x - this.size.width / 2 / scale, top: at.y - this.size.height / 2 / scale });
      return;
    }
    const seat = this.grid.at(at.x, at.y, this.plan.pitch * 0.6);
    if (seat !== undefined) {
      this.choose(seat);
    }
  }

  private hover(x: number, y: number): void {
    const near = levelOf(this.view.scale, this.plan.pitch) === "near";
    const at = { x: this.view.left + x / this.view.scale, y: this.view.top + y / this.view.scale };
    const seat = near ? this.grid.at(at.x, at.y, this.plan.pitch * 0.5) : undefined;
    if (seat !== this.hovered) {
      this.hovered = seat;
      this.element.style.cursor = seat !== undefined && this.states[seat] === FREE ? "pointer" : "grab";
      this.ask();
    }
  }

  private ask(): void {
    if (this.asked === 0) {
      this.asked = requestAnimationFrame(() => {
        this.asked = 0;
        const begun = performance.now();
        this.frame(begun);
        this.took.push(performance.now() - begun);
        if (this.took.length > TOOK_MAX) {
          this.took.shift();
        }
      });
    }
  }

  private frame(begun: number): void {
    const { context, view, size, plan, dpr } = this;
    const level = levelOf(view.scale, plan.pitch);
    this.element.dataset["level"] = level;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.colours.paper;
    context.fillRect(0, 0, this.element.width, this.element.height);
    const seen = { left: view.left, top: view.top, right: view.left + size.width / view.scale, bottom: view.top + size.height / view.scale };
    if (level === "far") {
      this.sections();
    } else {
      const z = zoomOf(view.scale * dpr);
      for (const place of tilesIn(seen, z)) {
        this.blit(place, z, begun);
      }
    }
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    if (level === "middle") {
      this.names();
    }
    const pitch = plan.pitch * view.scale;
    const draw = (seat: number, mark: Mark): void => {
      const { x, y } = this.where(seat);
      drawMark(context, mark, x, y, pitch, this.colours);
    };
    this.marks.conflicts.forEach((seat) => draw(seat, "conflict"));
    this.marks.mine.forEach((seat) => draw(seat, "mine"));
    this.marks.asking.forEach((seat) => draw(seat, "asking"));
    if (this.hovered !== undefined && level === "near") {
      draw(this.hovered, "hover");
      const { x, y } = this.where(this.hovered);
      drawName(context, this.words.seat(nameOf(plan, this.hovered)), "", x, y - pitch, NAME_PX, this.colours);
    }
  }

  private blit(place: Place, z: number, begun: number): void {
    let tile = this.tiles.get(place);
    if (!tile && performance.now() - begun < TILES_MS) {
      tile = this.draw(place);
    }
    const box = boxOf(place);
    const pixels = this.view.scale * this.dpr;
    const side = sideOf(z) * pixels;
    const x = (box.left - this.view.left) * pixels;
    const y = (box.top - this.view.top) * pixels;
    if (tile) {
      this.context.drawImage(tile.element, x, y, side, side);
      return;
    }
    const coarser = this.tiles.coarser(place);
    if (coarser) {
      const part = TILE_PX * coarser.share;
      this.context.drawImage(coarser.drawn.element, coarser.x * TILE_PX, coarser.y * TILE_PX, part, part, x, y, side, side);
    }
    this.ask();
  }

  private draw(place: Place): Drawn {
    const tile = this.tiles.spare() ?? fresh();
    tile.canvas.fillStyle = this.colours.paper;
    tile.canvas.fillRect(0, 0, TILE_PX, TILE_PX);
    const box = boxOf(place);
    const edge = this.plan.pitch / 2;
    this.grid.within({ left: box.left - edge, top: box.top - edge, right: box.right + edge, bottom: box.bottom + edge }, (seat) =>
      this.seat(tile.canvas, place, seat),
    );
    this.tiles.keep(place, tile);
    return tile;
  }

  private seat(canvas: CanvasRenderingContext2D, place: Place, seat: number): void {
    const { plan } = this;
    const pixels = 2 ** place.z;
    const side = sideOf(place.z);
    const look = {
      state: this.states[seat]!,
      category: plan.categoryOf[seat]!,
      flags: plan.flags[seat]!,
      number: numberOf(plan, seat),
    };
    const x = (plan.xs[seat]! - place.x * side) * pixels;
    const y = (plan.ys[seat]! - place.y * side) * pixels;
    drawSeat(canvas, look, x, y, plan.pitch * pixels, this.levelAt(place.z), this.colours);
  }

  private levelAt(z: number): Level {
    const level = levelOf(2 ** z / this.dpr, this.plan.pitch);
    return level === "far" ? "middle" : level;
  }

  private repaint(canvas: CanvasRenderingContext2D, place: Place, seat: number): void {
    const pixels = 2 ** place.z;
    const side = sideOf(place.z);
    const reach = this.plan.pitch * pixels * 0.46;
    canvas.fillStyle = this.colours.paper;
    const x = (this.plan.xs[seat]! - place.x * side) * pixels;
    const y = (this.plan.ys[seat]! - place.y * side) * pixels;
    canvas.fillRect(x - reach, y - reach, reach * 2, reach * 2);
    this.seat(canvas, place, seat);
  }

  private sections(): void {
    const { context, plan, view, dpr } = this;
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    plan.sections.forEach(({ blocks }, section) =>
      blocks.forEach(({ hull, count, category }, block) => {
        const points: [number, number][] = [];
        for (let i = 0; i + 1 < hull.length; i += 2) {
          points.push([(hull[i]! - view.left) * view.scale, (hull[i + 1]! - view.top) * view.scale]);
        }
        const share = this.free[section]![block]! / count;
        drawBlock(context, points, { category, share }, this.colours, plan.pitch * view.scale);
      }),
    );
    this.names();
  }

  /** The names of the sections that have room for one, and of the first area, where nothing else is in the middle of the house. */
  private names(): void {
    const { plan, view } = this;
    const written: Box[] = [];
    const write = (name: string, free: string, x: number, y: number, wide: number, high: number): void => {
      const box = { left: x - wide / 2, right: x + wide / 2, top: y - high / 2, bottom: y + high / 2 };
      // Names that would lie over each other say nothing.
      if (!written.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom)) {
        written.push(box);
        drawName(this.context, name, free, x, y, NAME_PX, this.colours);
      }
    };
    const [area] = plan.areas;
    const middle = { x: (plan.box.left + plan.box.right) / 2, y: (plan.box.top + plan.box.bottom) / 2 };
    if (area && this.grid.at(middle.x, middle.y, (6 * NAME_PX) / view.scale) === undefined) {
      write(area.name, "", (middle.x - view.left) * view.scale, (middle.y - view.top) * view.scale, NAME_PX * area.name.length, NAME_PX * 1.6);
    }
    plan.sections.forEach(({ name, box }, index) => {
      const free = this.words.free(this.free[index]!.reduce((sum, n) => sum + n));
      const wide = (box.right - box.left) * view.scale;
      const high = (box.bottom - box.top) * view.scale;
      const whole = NAME_PX * (2 + 0.62 * Math.max(name.length, free.length));
      const x = ((box.left + box.right) / 2 - view.left) * view.scale;
      const y = ((box.top + box.bottom) / 2 - view.top) * view.scale;
      if (wide > whole && high > NAME_PX * 3.4) {
        write(name, free, x, y, whole, NAME_PX * 3);
      } else if (wide > NAME_PX * (1 + 0.62 * name.length) && high > NAME_PX * 1.6) {
        write(name, "", x, y, NAME_PX * (0.6 + 0.62 * name.length), NAME_PX * 1.6);
      }
    });
  }
}

function fresh(): Drawn {
  const element = document.createElement("canvas");
  element.width = TILE_PX;
  element.height = TILE_PX;
  return { element, canvas: element.getContext("2d", { alpha: false })! };
}
