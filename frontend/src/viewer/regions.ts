/** Regions a reader marks: made from points, checked, named. */
import { t } from "@lingui/core/macro";
import type { RegionIn } from "@/api/types";
import {
  areaPx,
  boxCorners,
  boxFromCorners,
  clampToFilm,
  pointImage,
  simplify,
  type PointImage,
} from "@/geometry";

export interface FilmSize {
  readonly rows: number;
  readonly columns: number;
}

/** Smaller marks are slips of the hand. */
const SMALLEST_SIDE_PX = 3;

const whole = (points: readonly PointImage[]): [number, number][] =>
  points.map(([column, row]) => [Math.round(column), Math.round(row)]);

/** Return the box between two corners, kept on the film, or null when it is too small. */
export function boxRegion(
  imageId: string,
  frame: number,
  a: PointImage,
  b: PointImage,
  film: FilmSize,
): RegionIn | null {
  const box = boxFromCorners(
    clampToFilm(a, film.rows, film.columns),
    clampToFilm(b, film.rows, film.columns),
  );
  const [width, height] = [box.max[0] - box.min[0], box.max[1] - box.min[1]];
  if (width < SMALLEST_SIDE_PX || height < SMALLEST_SIDE_PX) return null;
  return { image_id: imageId, frame, kind: "box", points: whole([box.min, box.max]) };
}

/** Return the outline drawn by hand with its straight parts thinned, or null when too small. */
export function freehandRegion(
  imageId: string,
  frame: number,
  points: readonly PointImage[],
  film: FilmSize,
  tolerancePx: number,
): RegionIn | null {
  const onFilm = points.map((p) => clampToFilm(p, film.rows, film.columns));
  const thinned = simplify(onFilm, tolerancePx);
  if (thinned.length < 3 || areaPx(thinned) < SMALLEST_SIDE_PX ** 2) return null;
  return { image_id: imageId, frame, kind: "freehand", points: whole(thinned) };
}

export function regionPoints(region: RegionIn): readonly PointImage[] {
  return region.points.map(([column, row]) => pointImage(column, row));
}

/** Return the corners to draw, closed by the drawer. */
export function regionOutline(region: RegionIn): readonly PointImage[] {
  const [a, b] = regionPoints(region);
  if (region.kind === "freehand" || !a || !b) return regionPoints(region);
  return boxCorners(boxFromCorners(a, b));
}

/** "Box, column 10 to 90, row 20 to 60" or "Outline, 14 points". */
export function describeRegion(region: RegionIn): string {
  const [a, b] = region.points;
  if (region.kind === "box" && a && b) {
    return t`Box, column ${a[0]} to ${b[0]}, row ${a[1]} to ${b[1]}`;
  }
  return t`Outline, ${region.points.length} points`;
}

export interface BoxNumbers {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Return why these numbers give no box on the film, or null when they do. */
export function boxProblem(box: BoxNumbers, film: FilmSize): string | null {
  const { left, top, right, bottom } = box;
  if (![left, top, right, bottom].every(Number.isInteger)) {
    return t`Give four whole numbers, in film pixels.`;
  }
  if (left < 0 || right >= film.columns) return t`Columns go from 0 to ${film.columns - 1}.`;
  if (top < 0 || bottom >= film.rows) return t`Rows go from 0 to ${film.rows - 1}.`;
  if (right - left < SMALLEST_SIDE_PX || bottom - top < SMALLEST_SIDE_PX) {
    return t`A box is at least ${SMALLEST_SIDE_PX} pixels wide and high.`;
  }
  return null;
}
