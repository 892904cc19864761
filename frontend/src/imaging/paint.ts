/** Draws a film onto a 2D canvas without a graphics card: exact grey levels, any VOI function. */
import type { Film } from "./decode";
import { levelFor, type Level } from "./pyramid";
import type { GreyTable } from "./window";

/** As Canvas2D's setTransform: device pixels from film pixels, corner of pixel (0, 0) at 0. */
export type Matrix = readonly [number, number, number, number, number, number];

interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Below this many pixels a level is windowed whole, so that panning needs no new work. */
const WHOLE_LEVEL_PIXELS = 4_000_000;

/** Above this magnification pixels are drawn as squares: a reader looks at pixels then. */
const SQUARES_FROM = 3;

/** Return the part of a level that can be seen, in its own pixels. */
function visibleRect(level: Level, matrix: Matrix, width: number, height: number): Rect {
  const whole = { left: 0, top: 0, width: level.columns, height: level.rows };
  if (level.columns * level.rows <= WHOLE_LEVEL_PIXELS) return whole;
  const [a, b, c, d, e, f] = matrix;
  const det = a * d - b * c;
  const xs: number[] = [];
  const ys: number[] = [];
  for (const [x, y] of [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ] as const) {
    xs.push((d * (x - e) - c * (y - f)) / det / level.step);
    ys.push((a * (y - f) - b * (x - e)) / det / level.step);
  }
  const left = Math.max(0, Math.floor(Math.min(...xs)) - 1);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - 1);
  const right = Math.min(level.columns, Math.ceil(Math.max(...xs)) + 1);
  const bottom = Math.min(level.rows, Math.ceil(Math.max(...ys)) + 1);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

function fillGrey(out: Uint32Array, level: Level, rect: Rect, table: GreyTable): void {
  const packed = new Uint32Array(table.levels.length);
  for (let i = 0; i < packed.length; i += 1) {
    const grey = table.levels[i] as number;
    packed[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  // The declared type keeps the engine's element access on one path; any typed array works.
  const pixels = level.pixels as Uint16Array;
  const { min, shift } = table;
  let to = 0;
  for (let row = 0; row < rect.height; row += 1) {
    let from = (rect.top + row) * level.columns + rect.left;
    for (let column = 0; column < rect.width; column += 1) {
      out[to++] = packed[((pixels[from++] as number) - min) >>> shift] as number;
    }
  }
}

function fillColour(out: Uint32Array, level: Level, rect: Rect, table: GreyTable): void {
  const pixels = level.pixels as Uint8Array;
  const { levels, min, shift } = table;
  let to = 0;
  for (let row = 0; row < rect.height; row += 1) {
    let from = ((rect.top + row) * level.columns + rect.left) * 3;
    for (let column = 0; column < rect.width; column += 1) {
      const red = levels[((pixels[from++] as number) - min) >>> shift] as number;
      const green = levels[((pixels[from++] as number) - min) >>> shift] as number;
      const blue = levels[((pixels[from++] as number) - min) >>> shift] as number;
      out[to++] = 0xff000000 | (blue << 16) | (green << 8) | red;
    }
  }
}

/** Keeps the windowed pixels of one film between frames. */
export class Painter {
  readonly #scratch = document.createElement("canvas");
  #image: ImageData | null = null;
  #drawn: { film: Film; table: GreyTable; level: Level; rect: Rect } | null = null;

  /**
   * Draw the film; the rest of the canvas is left as it is.
   *
   * enlargement: how much a smaller copy of the film may be enlarged to be drawn in its place.
   */
  paint(
    context: CanvasRenderingContext2D,
    film: Film,
    table: GreyTable,
    matrix: Matrix,
    enlargement = 1,
  ): void {
    const { width, height } = context.canvas;
    const size = Math.sqrt(Math.abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]));
    const level = levelFor(film, size / enlargement);
    const rect = visibleRect(level, matrix, width, height);
    if (rect.width === 0 || rect.height === 0) return;
    this.#window(film, table, level, rect);
    context.save();
    context.setTransform(...matrix);
    context.scale(level.step, level.step);
    context.imageSmoothingEnabled = size < SQUARES_FROM;
    context.drawImage(this.#scratch, rect.left, rect.top);
    context.restore();
  }

  #window(film: Film, table: GreyTable, level: Level, rect: Rect): void {
    const last = this.#drawn;
    if (
      last?.film === film &&
      last.table === table &&
      last.level === level &&
      last.rect.left === rect.left &&
      last.rect.top === rect.top &&
      last.rect.width === rect.width &&
      last.rect.height === rect.height
    ) {
      return;
    }
    const context = this.#scratch.getContext("2d");
    if (context === null) throw new Error("This browser gives no 2D canvas.");
    if (this.#image?.width !== rect.width || this.#image.height !== rect.height) {
      this.#scratch.width = rect.width;
      this.#scratch.height = rect.height;
      this.#image = context.createImageData(rect.width, rect.height);
    }
    const out = new Uint32Array(this.#image.data.buffer);
    (film.meta.samples === 3 ? fillColour : fillGrey)(out, level, rect, table);
    context.putImageData(this.#image, 0, 0);
    this.#drawn = { film, table, level, rect };
  }
}
