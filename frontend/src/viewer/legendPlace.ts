/** Where the map's legend and numbers stand: not over what is hottest, nor under text. */
import { useMemo } from "react";

import {
  apply,
  compose,
  type Affine,
  type PointCanvas,
  type PointGrid,
  type PointImage,
  type SizePx,
  type View,
} from "@/geometry";

import { CONTOUR_LEVELS } from "./levels";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type LegendSide = "left" | "right";

/** What the legend takes in a corner of the film, its margin included. */
const LEGEND_PX = { width: 304, height: 156 };

export function holds(box: Box, [x, y]: readonly [number, number]): boolean {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

/** As much of a map as tells where it is hot. */
interface Cells {
  readonly columns: number;
  readonly values: Float32Array;
  readonly imageFromGrid: Affine<PointGrid, PointImage>;
}

/** Return the hottest value whose cell has its centre in the box. */
function heatUnder(map: Cells, place: Affine<PointImage, PointCanvas>, box: Box): number {
  const canvasFromGrid = compose(map.imageFromGrid, place);
  let hottest = 0;
  map.values.forEach((value, cell) => {
    if (value <= hottest) return;
    const grid = [cell % map.columns, Math.floor(cell / map.columns)] as unknown as PointGrid;
    if (holds(box, apply(canvasFromGrid, grid))) hottest = value;
  });
  return hottest;
}

/** Return the upper corner for the legend: the right one, unless it hides the hotter part. */
export function legendSide(
  map: Cells,
  place: Affine<PointImage, PointCanvas>,
  size: SizePx,
): LegendSide {
  const { width, height: bottom } = LEGEND_PX;
  const box = (left: number): Box => ({ left, top: 0, right: left + width, bottom });
  const right = heatUnder(map, place, box(size.width - width));
  // Nothing with a contour lies there.
  if (right < CONTOUR_LEVELS[0]) return "right";
  return heatUnder(map, place, box(0)) < right ? "left" : "right";
}

/** The side is chosen when the map comes up: it does not jump while the film is moved. */
export function useLegendSide(
  map: Cells | null,
  place: Affine<PointImage, PointCanvas> | null,
  size: SizePx,
  view: View | null,
): LegendSide {
  const { width, height } = size;
  const turns = view?.quarterTurns;
  const flipped = view?.flipped;
  const hasPlace = place !== null;
  return useMemo(
    () => (map && place ? legendSide(map, place, { width, height }) : "right"),
    // `place` changes with every pan and zoom; see above.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [map, hasPlace, width, height, turns, flipped],
  );
}

/** What stands over the film beside the canvas, in its CSS pixels. */
export function boxesOver(canvas: HTMLCanvasElement): readonly Box[] {
  const origin = canvas.getBoundingClientRect();
  const over = canvas.parentElement?.querySelectorAll(
    "[data-corner], .viewer-side, .readout, .scale, .mark-label",
  );
  return [...(over ?? [])].map((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return {
      left: left - origin.left,
      top: top - origin.top,
      right: right - origin.left,
      bottom: bottom - origin.top,
    };
  });
}

/** Half of what a label takes. */
const LABEL_PX = { x: 17, y: 8 };

/** Return the topmost point of an outline where a number stands free, or null. */
export function labelPoint(
  points: readonly PointCanvas[],
  taken: readonly Box[],
): PointCanvas | null {
  const free = points.filter((point) =>
    taken.every(
      ({ left, top, right, bottom }) =>
        !holds(
          {
            left: left - LABEL_PX.x,
            top: top - LABEL_PX.y,
            right: right + LABEL_PX.x,
            bottom: bottom + LABEL_PX.y,
          },
          point,
        ),
    ),
  );
  return free.reduce<PointCanvas | null>(
    (best, point) => (best === null || point[1] < best[1] ? point : best),
    null,
  );
}
