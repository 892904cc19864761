import { affine, apply, invert, type Affine } from "./affine";
import { pointImage, type PointCanvas, type PointImage, type SizePx } from "./points";

/**
 * How a film lies under the viewport.
 *
 * centre: the film point in the middle of the viewport.
 * zoom: CSS pixels per film pixel, along the axis of the finer spacing.
 * quarterTurns: clockwise turns of 90 degrees, 0..3, applied after the flip.
 * flipped: mirrored left to right, before the turns.
 */
export interface View {
  readonly centre: PointImage;
  readonly zoom: number;
  readonly quarterTurns: 0 | 1 | 2 | 3;
  readonly flipped: boolean;
}

export interface FilmShape {
  readonly rows: number;
  readonly columns: number;
  /** Relative height and width of a pixel, the smaller is 1. */
  readonly pixelAspect: readonly [row: number, column: number];
}

export const MIN_ZOOM = 0.02;
export const MAX_ZOOM = 40;

export function clampZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}

export function pixelAspectOf(
  spacing: readonly [row: number, column: number] | null,
): readonly [row: number, column: number] {
  if (spacing === null) return [1, 1];
  const finest = Math.min(spacing[0], spacing[1]);
  return [spacing[0] / finest, spacing[1] / finest];
}

function centreOf(film: FilmShape): PointImage {
  return pointImage((film.columns - 1) / 2, (film.rows - 1) / 2);
}

/** Return the zoom at which the whole film, as turned, just fits the canvas. */
export function fitZoom(film: FilmShape, canvas: SizePx, quarterTurns: number): number {
  const width = film.columns * film.pixelAspect[1];
  const height = film.rows * film.pixelAspect[0];
  const [w, h] = quarterTurns % 2 === 0 ? [width, height] : [height, width];
  return clampZoom(Math.min(canvas.width / w, canvas.height / h));
}

export function fitView(
  film: FilmShape,
  canvas: SizePx,
  orientation: Pick<View, "quarterTurns" | "flipped"> = { quarterTurns: 0, flipped: false },
): View {
  return {
    centre: centreOf(film),
    zoom: fitZoom(film, canvas, orientation.quarterTurns),
    quarterTurns: orientation.quarterTurns,
    flipped: orientation.flipped,
  };
}

const TURNS: readonly (readonly [cos: number, sin: number])[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/** Return the map from film pixels to CSS pixels of a canvas of this size. */
export function canvasFromImage(
  view: View,
  film: FilmShape,
  canvas: SizePx,
): Affine<PointImage, PointCanvas> {
  const [cos, sin] = TURNS[view.quarterTurns] ?? [1, 0];
  const scaleX = view.zoom * film.pixelAspect[1] * (view.flipped ? -1 : 1);
  const scaleY = view.zoom * film.pixelAspect[0];
  const [a, b, c, d] = [cos * scaleX, sin * scaleX, -sin * scaleY, cos * scaleY];
  const [column, row] = view.centre;
  return affine(
    a,
    b,
    c,
    d,
    canvas.width / 2 - a * column - c * row,
    canvas.height / 2 - b * column - d * row,
  );
}

/** Return the view zoomed by `factor` with the film point under `cursor` kept in place. */
export function zoomAt(
  view: View,
  film: FilmShape,
  canvas: SizePx,
  cursor: PointCanvas,
  factor: number,
): View {
  const zoom = clampZoom(view.zoom * factor);
  const anchor = apply(invert(canvasFromImage(view, film, canvas)), cursor);
  const kept = view.zoom / zoom;
  return {
    ...view,
    zoom,
    centre: pointImage(
      anchor[0] + (view.centre[0] - anchor[0]) * kept,
      anchor[1] + (view.centre[1] - anchor[1]) * kept,
    ),
  };
}

/** Return the view with the film moved by (dx, dy) CSS pixels; some film stays in sight. */
export function panBy(
  view: View,
  film: FilmShape,
  canvas: SizePx,
  dx: number,
  dy: number,
): View {
  const back = invert(canvasFromImage(view, film, canvas));
  const column = view.centre[0] - back.a * dx - back.c * dy;
  const row = view.centre[1] - back.b * dx - back.d * dy;
  return {
    ...view,
    centre: pointImage(
      Math.min(film.columns - 0.5, Math.max(-0.5, column)),
      Math.min(film.rows - 0.5, Math.max(-0.5, row)),
    ),
  };
}

/** Return the view turned by 90 degrees clockwise about the middle of the viewport. */
export function turnClockwise(view: View): View {
  return { ...view, quarterTurns: ((view.quarterTurns + 1) % 4) as View["quarterTurns"] };
}

/** Return the view mirrored left to right as seen on screen. */
export function flipOnScreen(view: View): View {
  // A flip before quarter turns equals a flip after them with the turns reversed.
  const quarterTurns = ((4 - view.quarterTurns) % 4) as View["quarterTurns"];
  return { ...view, flipped: !view.flipped, quarterTurns };
}
