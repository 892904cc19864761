/** Smaller copies of a film, so that a film shown small costs little to window. */
import { pixelsFor, type Film, type Pixels } from "./decode";

export interface Level {
  readonly pixels: Pixels;
  readonly rows: number;
  readonly columns: number;
  /** Film pixels per pixel of this level. */
  readonly step: number;
}

/** Return the level at half the size: means of 2 x 2 pixels, rounded; odd edges dropped. */
function halve(level: Level, film: Film): Level {
  const { samples, dtype } = film.meta;
  const rows = Math.max(1, level.rows >> 1);
  const columns = Math.max(1, level.columns >> 1);
  const half = new (pixelsFor(dtype))(
    new ArrayBuffer(rows * columns * samples * level.pixels.BYTES_PER_ELEMENT),
  );
  const right = level.columns > 1 ? samples : 0;
  const below = level.rows > 1 ? level.columns * samples : 0;
  const source = level.pixels as Uint16Array;
  let to = 0;
  for (let row = 0; row < rows; row += 1) {
    let from = row * 2 * level.columns * samples;
    for (let column = 0; column < columns; column += 1, from += 2 * samples) {
      for (let s = from; s < from + samples; s += 1) {
        const sum =
          (source[s] as number) +
          (source[s + right] as number) +
          (source[s + below] as number) +
          (source[s + right + below] as number);
        half[to++] = Math.round(sum / 4);
      }
    }
  }
  return { pixels: half, rows, columns, step: level.step * 2 };
}

const pyramids = new WeakMap<Film, Level[]>();

/** All levels together take at most this many times the bytes of the film itself. */
export const PYRAMID_FACTOR = 4 / 3;

/**
 * Return the coarsest level that still has a pixel for every device pixel.
 *
 * devicePixelsPerPixel: how large one film pixel is drawn.
 */
export function levelFor(film: Film, devicePixelsPerPixel: number): Level {
  let levels = pyramids.get(film);
  if (levels === undefined) {
    const { rows, columns } = film.meta;
    levels = [{ pixels: film.pixels, rows, columns, step: 1 }];
    pyramids.set(film, levels);
  }
  let wanted = 0;
  for (let size = devicePixelsPerPixel; size <= 0.5 && wanted < 6; size *= 2) wanted += 1;
  for (;;) {
    const last = levels[levels.length - 1] as Level;
    if (levels.length > wanted || Math.min(last.rows, last.columns) < 2) break;
    levels.push(halve(last, film));
  }
  return levels[Math.min(wanted, levels.length - 1)] as Level;
}
