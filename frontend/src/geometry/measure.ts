import { distance, pointMm, type PointImage, type PointMm } from "./points";

export type SpacingMm = readonly [row: number, column: number];

export function mmFromImage(point: PointImage, spacing: SpacingMm): PointMm {
  return pointMm(point[0] * spacing[1], point[1] * spacing[0]);
}

export function lengthPx(a: PointImage, b: PointImage): number {
  return distance(a, b);
}

/** Return the length in mm, or null where the film has no trustworthy spacing. */
export function lengthMm(
  a: PointImage,
  b: PointImage,
  spacing: SpacingMm | null,
): number | null {
  return spacing === null ? null : distance(mmFromImage(a, spacing), mmFromImage(b, spacing));
}

/**
 * Return the angle at `vertex` in degrees, 0..180, or null when an arm has no length.
 *
 * Without spacing the pixels are taken as square.
 */
export function angleDeg(
  arm1: PointImage,
  vertex: PointImage,
  arm2: PointImage,
  spacing: SpacingMm | null,
): number | null {
  const s = spacing ?? [1, 1];
  const [a, v, b] = [mmFromImage(arm1, s), mmFromImage(vertex, s), mmFromImage(arm2, s)];
  const [ux, uy, wx, wy] = [a[0] - v[0], a[1] - v[1], b[0] - v[0], b[1] - v[1]];
  if (Math.hypot(ux, uy) === 0 || Math.hypot(wx, wy) === 0) return null;
  return (Math.abs(Math.atan2(ux * wy - uy * wx, ux * wx + uy * wy)) * 180) / Math.PI;
}

export interface ScaleBar {
  readonly mm: number;
  readonly px: number;
}

/** Return the largest bar of 1, 2 or 5 x 10^n mm that is at most `maxPx` long. */
export function scaleBar(mmPerCanvasPx: number, maxPx: number): ScaleBar | null {
  const maxMm = mmPerCanvasPx * maxPx;
  if (!Number.isFinite(maxMm) || maxMm <= 0) return null;
  const decade = 10 ** Math.floor(Math.log10(maxMm));
  const step = [5, 2, 1].find((s) => s * decade <= maxMm) ?? 1;
  const mm = step * decade;
  return { mm, px: mm / mmPerCanvasPx };
}
