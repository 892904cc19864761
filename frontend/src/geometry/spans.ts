/** Which pixels lie inside a shape, row by row. */
import type { PointImage } from "./points";
import { areaPx, boxFromCorners } from "./polygon";

export type AreaKind = "rectangle" | "ellipse" | "polygon";

/** Columns `first` to `last` of one row, both inside. */
export interface Span {
  readonly row: number;
  readonly first: number;
  readonly last: number;
}

interface Shape {
  readonly kind: AreaKind;
  /** Rectangle and ellipse: two opposite corners of the box; polygon: its corners. */
  readonly points: readonly PointImage[];
}

/** Return where the outline crosses the middle of a row, in rising order, in pairs. */
function crossings({ kind, points }: Shape, row: number): number[] {
  const [p, q] = points;
  if (!p || !q) return [];
  if (kind === "polygon") return polygonCrossings(points, row);
  const { min, max } = boxFromCorners(p, q);
  if (row < min[1] || row > max[1]) return [];
  if (kind === "rectangle") return [min[0], max[0]];
  const [rx, ry] = [(max[0] - min[0]) / 2, (max[1] - min[1]) / 2];
  if (rx === 0 || ry === 0) return [];
  const off = (row - (min[1] + max[1]) / 2) / ry;
  const half = rx * Math.sqrt(Math.max(0, 1 - off * off));
  const centre = (min[0] + max[0]) / 2;
  return [centre - half, centre + half];
}

function polygonCrossings(points: readonly PointImage[], row: number): number[] {
  const found: number[] = [];
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length] as PointImage;
    // A corner exactly on the row belongs to one of its two edges only.
    if (a[1] <= row === b[1] <= row) return;
    found.push(a[0] + ((row - a[1]) / (b[1] - a[1])) * (b[0] - a[0]));
  });
  return found.sort((x, y) => x - y);
}

/**
 * Return the pixels whose centre lies inside the shape or on its edge (even-odd rule for
 * outlines that cross themselves), kept on a film of that size.
 */
export function spansOf(shape: Shape, rows: number, columns: number): readonly Span[] {
  const ys = shape.points.map((p) => p[1]);
  const from = Math.max(0, Math.ceil(Math.min(...ys)));
  const to = Math.min(rows - 1, Math.floor(Math.max(...ys)));
  const spans: Span[] = [];
  for (let row = from; row <= to; row += 1) {
    const edges = crossings(shape, row);
    for (let i = 0; i + 1 < edges.length; i += 2) {
      const first = Math.max(0, Math.ceil(edges[i] as number));
      const last = Math.min(columns - 1, Math.floor(edges[i + 1] as number));
      if (first <= last) spans.push({ row, first, last });
    }
  }
  return spans;
}

/** Return the area inside the outline in square pixels: of the shape, not of whole pixels. */
export function shapeAreaPx({ kind, points }: Shape): number {
  if (kind === "polygon") return areaPx(points);
  const [p, q] = points;
  if (!p || !q) return 0;
  const box = Math.abs((q[0] - p[0]) * (q[1] - p[1]));
  return kind === "ellipse" ? (box * Math.PI) / 4 : box;
}
