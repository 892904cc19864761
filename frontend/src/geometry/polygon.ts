import { pointImage, type PointImage } from "./points";

export interface BoxImage {
  readonly min: PointImage;
  readonly max: PointImage;
}

/** Return the upright box spanned by two corners in any order. */
export function boxFromCorners(a: PointImage, b: PointImage): BoxImage {
  return {
    min: pointImage(Math.min(a[0], b[0]), Math.min(a[1], b[1])),
    max: pointImage(Math.max(a[0], b[0]), Math.max(a[1], b[1])),
  };
}

export function boxCorners(box: BoxImage): readonly PointImage[] {
  return [
    box.min,
    pointImage(box.max[0], box.min[1]),
    box.max,
    pointImage(box.min[0], box.max[1]),
  ];
}

/** Return the point moved onto the film. */
export function clampToFilm(point: PointImage, rows: number, columns: number): PointImage {
  return pointImage(
    Math.min(columns - 1, Math.max(0, point[0])),
    Math.min(rows - 1, Math.max(0, point[1])),
  );
}

/** Return the enclosed area in square pixels (shoelace formula). */
export function areaPx(points: readonly PointImage[]): number {
  let twice = 0;
  for (let i = 0; i < points.length; i += 1) {
    const p = points[i];
    const q = points[(i + 1) % points.length];
    if (p && q) twice += p[0] * q[1] - q[0] * p[1];
  }
  return Math.abs(twice) / 2;
}

function distanceToSegment(p: PointImage, a: PointImage, b: PointImage): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const squared = dx * dx + dy * dy;
  const along =
    squared === 0
      ? 0
      : Math.min(1, Math.max(0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / squared));
  return Math.hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy);
}

/**
 * Return the line with the points left out that lie within `tolerance` of it.
 *
 * Source: Douglas and Peucker 1973. Ends are kept.
 */
export function simplify(
  points: readonly PointImage[],
  tolerance: number,
): readonly PointImage[] {
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last || points.length < 3) return points;
  let worst = 0;
  let at = 0;
  for (let i = 1; i < points.length - 1; i += 1) {
    const p = points[i];
    const d = p ? distanceToSegment(p, first, last) : 0;
    if (d > worst) [worst, at] = [d, i];
  }
  if (worst <= tolerance) return [first, last];
  const head = simplify(points.slice(0, at + 1), tolerance);
  return [...head.slice(0, -1), ...simplify(points.slice(at), tolerance)];
}
