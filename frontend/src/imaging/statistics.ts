/** Means and spreads of the pixels inside a shape. */
import type { Span } from "@/geometry";

import type { Film } from "./decode";

export interface Statistics {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); 0 for one pixel. */
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}

/** SPEC ITU-R BT.601: the luma of a colour film's pixel. */
function lumaAt(film: Film, at: number): number {
  const { pixels } = film;
  const from = at * 3;
  return (
    0.299 * (pixels[from] as number) +
    0.587 * (pixels[from + 1] as number) +
    0.114 * (pixels[from + 2] as number)
  );
}

/**
 * Return statistics of slope x stored + intercept over the spans, or null without a pixel.
 *
 * Colour films are measured by their luma.
 */
export function statisticsOf(film: Film, spans: readonly Span[]): Statistics | null {
  const { columns, samples, slope, intercept } = film.meta;
  const valueOf =
    samples === 3
      ? (at: number) => lumaAt(film, at)
      : (at: number) => film.pixels[at] as number;
  let [count, sum, min, max] = [0, 0, Infinity, -Infinity];
  for (const { row, first, last } of spans) {
    for (let at = row * columns + first; at <= row * columns + last; at += 1) {
      const value = valueOf(at);
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    count += last - first + 1;
  }
  if (count === 0) return null;
  const mean = sum / count;
  let squares = 0;
  for (const { row, first, last } of spans) {
    for (let at = row * columns + first; at <= row * columns + last; at += 1) {
      squares += (valueOf(at) - mean) ** 2;
    }
  }
  const ends = [slope * min + intercept, slope * max + intercept];
  return {
    count,
    mean: slope * mean + intercept,
    sd: count > 1 ? Math.abs(slope) * Math.sqrt(squares / (count - 1)) : 0,
    min: Math.min(...ends),
    max: Math.max(...ends),
  };
}
