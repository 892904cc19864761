/** Computes the views. Pure, and free of words: it runs in a worker too, which knows no language. */
import type { Film, Pixels } from "@/imaging";

import { spectrumOf } from "./spectrum";
import { bitPlaneOf, levelsOf, noiseOf, quantile, residualOf, type Grey } from "./transforms";

export type ViewName = "residual" | "noise" | "spectrum" | "ela" | "bits";

/** What a worker needs of a film. */
export interface ForensicInput {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly pixels: Pixels;
}

export interface Job {
  readonly id: number;
  readonly view: ViewName;
  readonly setting: number;
  readonly input: ForensicInput;
}

/** What the numbers of a view are. */
export type Scale = "levels" | "stored" | "logarithm" | "bit";

/** Grey levels of a view, row-major. */
export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly levels: Uint8ClampedArray<ArrayBuffer>;
  /** What black and white stand for. */
  readonly low: number;
  readonly high: number;
  readonly scale: Scale;
}

export function forensicInput({ meta, pixels }: Film): ForensicInput {
  const { rows, columns, samples } = meta;
  return { rows, columns, samples, pixels };
}

/** Return the stored values as one channel; colour as ITU-R BT.601 luma. */
export function greyOf({ rows, columns, samples, pixels }: ForensicInput): Grey {
  if (samples === 1) return { rows, columns, values: Float32Array.from(pixels) };
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; i += 1) {
    const [red, green, blue] = [pixels[i * 3], pixels[i * 3 + 1], pixels[i * 3 + 2]];
    values[i] = 0.299 * (red as number) + 0.587 * (green as number) + 0.114 * (blue as number);
  }
  return { rows, columns, values };
}

function pictureOf(grey: Grey, low: number, high: number, scale: Scale): Picture {
  const { rows, columns } = grey;
  return { rows, columns, levels: levelsOf(grey, low, high), low, high, scale };
}

/** Return the film as 8-bit grey levels, its 0.1th to 99.9th percentile: what a JPEG holds. */
export function eightBitOf(grey: Grey): Uint8ClampedArray<ArrayBuffer> {
  return levelsOf(grey, quantile(grey.values, 0.001), quantile(grey.values, 0.999));
}

/** Return how much the levels changed, made visible. */
export function errorPicture(
  size: Pick<Grey, "rows" | "columns">,
  before: Uint8ClampedArray,
  after: Uint8ClampedArray,
): Picture {
  const values = Float32Array.from(before, (level, i) =>
    Math.abs(level - (after[i] as number)),
  );
  const high = Math.max(1, quantile(values, 0.995));
  return pictureOf({ ...size, values }, 0, high, "levels");
}

/** Less than this of a stored value is rounding, not grain. */
const LEAST_REACH = 0.1;

/** Return a view of the film. Error levels need a JPEG encoder: see the worker. */
export function computeView(
  view: Exclude<ViewName, "ela">,
  setting: number,
  grey: Grey,
): Picture {
  switch (view) {
    case "residual": {
      const residual = residualOf(grey, setting);
      const reach = Math.max(LEAST_REACH, quantile(residual.values.map(Math.abs), 0.99));
      return pictureOf(residual, -reach, reach, "stored");
    }
    case "noise": {
      const noise = noiseOf(grey, setting);
      return pictureOf(noise, 0, quantile(noise.values, 0.99), "stored");
    }
    case "spectrum": {
      const spectrum = spectrumOf(grey);
      const [low, high] = [quantile(spectrum.values, 0.02), quantile(spectrum.values, 0.9999)];
      return pictureOf(spectrum, low, high, "logarithm");
    }
    case "bits":
      return pictureOf(bitPlaneOf(grey, setting), 0, 1, "bit");
  }
}
