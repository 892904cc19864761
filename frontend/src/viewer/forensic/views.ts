/** Which views there are, what each shows, and what it cannot tell. Pure. */
import type { Film, Pixels } from "@/imaging";

import { spectrumOf } from "./spectrum";
import { bitPlaneOf, levelsOf, noiseOf, quantile, residualOf, type Grey } from "./transforms";

export type ViewName = "residual" | "noise" | "spectrum" | "ela" | "bits";

/** The one number a view can be asked for with. */
interface Setting {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly first: number;
}

export interface ForensicView {
  readonly name: ViewName;
  readonly label: string;
  readonly shows: string;
  readonly cannot: string;
  /** Lies on the film pixel by pixel; the spectrum does not. */
  readonly isAligned: boolean;
  readonly setting: Setting | null;
}

export const VIEWS: readonly ForensicView[] = [
  {
    name: "residual",
    label: "Noise residual",
    shows:
      "What is finer than the blur: grain, edges, and steps where another grain was set in.",
    cannot:
      "Edges of bone show as well. A smooth patch may be soft tissue, collimation or the device's own smoothing.",
    isAligned: true,
    setting: { label: "Blur, px", min: 0.5, max: 5, step: 0.5, first: 1 },
  },
  {
    name: "noise",
    label: "Local noise",
    shows: "How strong the grain is around each pixel. A part from elsewhere may be too quiet.",
    cannot:
      "Noise follows the dose: lung and bone differ on every true film, and processing changes both.",
    isAligned: true,
    setting: { label: "Reach, px", min: 3, max: 25, step: 2, first: 7 },
  },
  {
    name: "spectrum",
    label: "Spectrum",
    shows:
      "How much of each frequency the film's middle holds; 0 in the middle. Lone dots are a regular pattern.",
    cannot:
      "An anti-scatter grid, resampling and JPEG blocks make dots too; a generator need not leave any.",
    isAligned: false,
    setting: null,
  },
  {
    name: "ela",
    label: "Error levels",
    shows:
      "What one more JPEG compression would change. Parts saved another number of times differ.",
    cannot:
      "Says nothing of a film that was never a JPEG; edges and grain are always bright, flat parts dark.",
    isAligned: true,
    setting: { label: "JPEG quality", min: 50, max: 98, step: 1, first: 90 },
  },
  {
    name: "bits",
    label: "Bit plane",
    shows:
      "One bit of each stored value. The lowest should be noise; structure there was computed.",
    cannot:
      "Devices rescale and smooth their values, and any 8-bit copy has new low bits: order there is common.",
    isAligned: true,
    setting: { label: "Bit, 0 is the lowest", min: 0, max: 15, step: 1, first: 0 },
  },
];

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

/** Grey levels of a view, row-major. */
export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly levels: Uint8ClampedArray<ArrayBuffer>;
  /** What black and white stand for, in words. */
  readonly range: string;
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

const short = (value: number): string => value.toFixed(Math.abs(value) < 10 ? 2 : 0);

function pictureOf(grey: Grey, low: number, high: number, unit: string): Picture {
  const { rows, columns } = grey;
  const range = `black ${short(low)}, white ${short(high)}${unit}`;
  return { rows, columns, levels: levelsOf(grey, low, high), range };
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
  return pictureOf({ ...size, values }, 0, high, " grey levels of 255");
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
      return pictureOf(residual, -reach, reach, " stored values");
    }
    case "noise": {
      const noise = noiseOf(grey, setting);
      return pictureOf(noise, 0, quantile(noise.values, 0.99), " stored values");
    }
    case "spectrum": {
      const spectrum = spectrumOf(grey);
      const [low, high] = [quantile(spectrum.values, 0.02), quantile(spectrum.values, 0.9999)];
      return pictureOf(spectrum, low, high, " log magnitude");
    }
    case "bits":
      return pictureOf(bitPlaneOf(grey, setting), 0, 1, "");
  }
}
