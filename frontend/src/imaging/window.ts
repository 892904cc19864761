/** From stored values to grey levels: DICOM PS3.3 C.11.2.1.2. */
import type { ImageMeta } from "@/api/types";

import type { Film } from "./decode";

export type VoiFunction = "LINEAR" | "LINEAR_EXACT" | "SIGMOID";

/** In units of slope x stored + intercept. */
export interface Window {
  readonly center: number;
  readonly width: number;
}

/** SPEC PS3.3 C.11.2.1.3.2: absent or unknown means LINEAR. */
export function voiFunctionOf(name: string): VoiFunction {
  return name === "LINEAR_EXACT" || name === "SIGMOID" ? name : "LINEAR";
}

/** SPEC PS3.3 C.11.2.1.2.1: "Window Width shall always be greater than or equal to 1" (LINEAR),
 * PS3.3 C.11.2.1.3.2: greater than 0 for the others. */
export function smallestWidth(voi: VoiFunction): number {
  return voi === "LINEAR" ? 1 : 1e-6;
}

/** Return the grey level 0..1 of `value` (after slope and intercept). */
export function greyLevel(value: number, window: Window, voi: VoiFunction): number {
  const { center: c } = window;
  const w = Math.max(window.width, smallestWidth(voi));
  switch (voi) {
    case "LINEAR":
      // SPEC PS3.3 C.11.2.1.2.1
      if (value <= c - 0.5 - (w - 1) / 2) return 0;
      if (value > c - 0.5 + (w - 1) / 2) return 1;
      return (value - (c - 0.5)) / (w - 1) + 0.5;
    case "LINEAR_EXACT":
      // SPEC PS3.3 C.11.2.1.3.2
      if (value <= c - w / 2) return 0;
      if (value > c + w / 2) return 1;
      return (value - c) / w + 0.5;
    case "SIGMOID":
      // SPEC PS3.3 C.11.2.1.3.1
      return 1 / (1 + Math.exp((-4 * (value - c)) / w));
  }
}

/**
 * Grey levels 0..255 of all stored values a film holds.
 *
 * levels[(stored - min) >>> shift]; shift is 0 unless the film spans more values than a
 * table should hold (32-bit films).
 */
export interface GreyTable {
  readonly levels: Uint8ClampedArray;
  readonly min: number;
  readonly shift: number;
}

const MAX_ENTRIES = 1 << 20;

/** `inverted`: the reader asked for it. MONOCHROME1 is turned here, and only here. */
export function greyTable(
  film: Pick<Film, "min" | "max"> & {
    readonly meta: Pick<ImageMeta, "slope" | "intercept" | "photometric">;
  },
  window: Window,
  voi: VoiFunction,
  inverted: boolean,
): GreyTable {
  const { slope, intercept, photometric } = film.meta;
  // SPEC PS3.3 C.7.6.3.1.2: MONOCHROME1's minimum is displayed as white.
  const turned = (photometric === "MONOCHROME1") !== inverted;
  const span = film.max - film.min;
  let shift = 0;
  while (span / 2 ** shift >= MAX_ENTRIES) shift += 1;
  const levels = new Uint8ClampedArray(Math.floor(span / 2 ** shift) + 1);
  for (let i = 0; i < levels.length; i += 1) {
    const stored = film.min + i * 2 ** shift;
    const level = greyLevel(slope * stored + intercept, window, voi);
    levels[i] = 255 * (turned ? 1 - level : level);
  }
  return { levels, min: film.min, shift };
}

/**
 * Return the window that spans the `low`th to `high`th percentile of the film.
 *
 * Exact on a sample of about 100,000 pixels spread evenly over the film.
 */
export function percentileWindow(film: Film, low = 1, high = 99): Window {
  const step = Math.max(1, Math.floor(film.pixels.length / 100_000));
  const sample = new Float64Array(Math.ceil(film.pixels.length / step));
  for (let i = 0; i < sample.length; i += 1) sample[i] = film.pixels[i * step] as number;
  sample.sort();
  const at = (percent: number): number =>
    sample[Math.round((percent / 100) * (sample.length - 1))] ?? 0;
  const { slope, intercept } = film.meta;
  const [a, b] = [slope * at(low) + intercept, slope * at(high) + intercept];
  const [from, to] = a < b ? [a, b] : [b, a];
  return { center: (from + to + 1) / 2, width: Math.max(1, to - from + 1) };
}

/** How the server labels the range it gives where a file has no window (workers/dicom/viewer.py). */
export const NO_WINDOW_LABEL = "Full range, no window in the file";

/** Return whether a window is the one the server made up for want of the file's own. */
export function isMadeUp(meta: Pick<ImageMeta, "windows">, { center, width }: Window): boolean {
  return meta.windows.some(
    (known) =>
      known.label === NO_WINDOW_LABEL && known.center === center && known.width === width,
  );
}

/** Return the file's own windows, in its order, without those that show nothing. */
export function usableWindows(meta: Pick<ImageMeta, "windows">): readonly Window[] {
  return meta.windows
    .filter(
      ({ center, width }) => Number.isFinite(center) && Number.isFinite(width) && width >= 1,
    )
    .map(({ center, width }) => ({ center, width }));
}

/** As the server's `is_sane` (workers/decode/voi.py). */
const LEAST_SHOWN_SHARE = 0.002;

/** Return whether a window leaves something to see of the film, judged on a sample of it. */
export function showsSomething(film: Film, window: Window, voi: VoiFunction): boolean {
  const { slope, intercept } = film.meta;
  const step = Math.max(1, Math.floor(film.pixels.length / 20_000));
  let [seen, between, low, high] = [0, 0, 1, 0];
  for (let i = 0; i < film.pixels.length; i += step) {
    const level = greyLevel(slope * (film.pixels[i] as number) + intercept, window, voi);
    if (level > 0.001 && level < 0.999) between += 1;
    low = Math.min(low, level);
    high = Math.max(high, level);
    seen += 1;
  }
  // A two-tone picture (phantom, line art) may be shown at the two ends.
  return between / seen >= LEAST_SHOWN_SHARE || (low < 0.001 && high > 0.999);
}

/** Return the file's own first window if it shows something, else one from the percentiles. */
export function initialWindow(film: Film): Window {
  if (film.meta.samples === 3) return { center: 127.5, width: 255 };
  const own = usableWindows(film.meta)[0];
  const isMeant = own && showsSomething(film, own, initialVoi(film.meta));
  return isMeant ? own : percentileWindow(film);
}

/** RGB films carry display values: the window acts on them as brightness and contrast. */
export function initialVoi(meta: ImageMeta): VoiFunction {
  return meta.samples === 3 ? "LINEAR_EXACT" : voiFunctionOf(meta.voi_function);
}
