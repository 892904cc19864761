/**
 * Points branded by their frame of reference, so that mixing frames does not compile.
 *
 * PointImage: [column, row] in pixels of the film as stored, (0, 0) at the centre of the
 *   top-left pixel, before any rotation or flip of the viewer.
 * PointCanvas: [x, y] in CSS pixels from the top-left corner of the viewport.
 * PointGrid: [column, row] in cells of a heatmap grid, (0, 0) at the centre of cell [0, 0].
 * PointMm: [x, y] in millimetres on the detector plane.
 */
export type PointImage = readonly [column: number, row: number] & { readonly __frame: "image" };
export type PointCanvas = readonly [x: number, y: number] & { readonly __frame: "canvas" };
export type PointGrid = readonly [column: number, row: number] & { readonly __frame: "grid" };
export type PointMm = readonly [x: number, y: number] & { readonly __frame: "mm" };
export type AnyPoint = PointImage | PointCanvas | PointGrid | PointMm;

export function pointImage(column: number, row: number): PointImage {
  return [column, row] as unknown as PointImage;
}

export function pointCanvas(x: number, y: number): PointCanvas {
  return [x, y] as unknown as PointCanvas;
}

export function pointGrid(column: number, row: number): PointGrid {
  return [column, row] as unknown as PointGrid;
}

export function pointMm(x: number, y: number): PointMm {
  return [x, y] as unknown as PointMm;
}

/** Return the straight distance between two points of the same frame. */
export function distance<P extends AnyPoint>(a: P, b: P): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

export interface SizePx {
  readonly width: number;
  readonly height: number;
}
