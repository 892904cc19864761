/** What each view is called, what it shows, and what it cannot tell: for the page alone. */
import { t } from "@lingui/core/macro";

import { formatFixed } from "@/ui/format";

import type { Picture, Scale, ViewName } from "./views";

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
    label: t`Noise residual`,
    shows: t`What is finer than the blur: grain, edges, and steps where another grain was set in.`,
    cannot: t`Edges of bone show as well. A smooth patch may be soft tissue, collimation or the device's own smoothing.`,
    isAligned: true,
    setting: { label: t`Blur, px`, min: 0.5, max: 5, step: 0.5, first: 1 },
  },
  {
    name: "noise",
    label: t`Local noise`,
    shows: t`How strong the grain is around each pixel. A part from elsewhere may be too quiet.`,
    cannot: t`Noise follows the dose: lung and bone differ on every true film, and processing changes both.`,
    isAligned: true,
    setting: { label: t`Reach, px`, min: 3, max: 25, step: 2, first: 7 },
  },
  {
    name: "spectrum",
    label: t`Spectrum`,
    shows: t`How much of each frequency the film's middle holds; 0 in the middle. Lone dots are a regular pattern.`,
    cannot: t`An anti-scatter grid, resampling and JPEG blocks make dots too; a generator need not leave any.`,
    isAligned: false,
    setting: null,
  },
  {
    name: "ela",
    label: t`Error levels`,
    shows: t`What one more JPEG compression would change. Parts saved another number of times differ.`,
    cannot: t`Says nothing of a film that was never a JPEG; edges and grain are always bright, flat parts dark.`,
    isAligned: true,
    setting: { label: t`JPEG quality`, min: 50, max: 98, step: 1, first: 90 },
  },
  {
    name: "bits",
    label: t`Bit plane`,
    shows: t`One bit of each stored value. The lowest should be noise; structure there was computed.`,
    cannot: t`Devices rescale and smooth their values, and any 8-bit copy has new low bits: order there is common.`,
    isAligned: true,
    setting: { label: t`Bit, 0 is the lowest`, min: 0, max: 15, step: 1, first: 0 },
  },
];

const number = (value: number): string => formatFixed(value, Math.abs(value) < 10 ? 2 : 0);

/** What black and white stand for. */
export function rangeWords({ low, high, scale }: Picture): string {
  const [black, white] = [number(low), number(high)];
  const words: Record<Scale, () => string> = {
    levels: () => t`black ${black}, white ${white} grey levels of 255`,
    stored: () => t`black ${black}, white ${white} stored values`,
    logarithm: () => t`black ${black}, white ${white} log magnitude`,
    bit: () => t`black ${black}, white ${white}`,
  };
  return words[scale]();
}
