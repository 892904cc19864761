/** Heatmaps: decoded, contoured, drawn over the film on a canvas of their own. */
import { t } from "@lingui/core/macro";
import type { HeatmapOut } from "@/api/types";
import {
  affine,
  apply,
  compose,
  contourLines,
  type Affine,
  type Contour,
  type PointCanvas,
  type PointGrid,
  type PointImage,
} from "@/geometry";
import { formatFixed } from "@/ui/format";

import { CONTOUR_LEVELS } from "./levels";
import { labelPoint, type Box } from "./legendPlace";
import { viridis } from "./viridis";

export { CONTOUR_LEVELS };

export interface Heatmap {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly reliability: Float32Array | null;
  readonly imageFromGrid: Affine<PointGrid, PointImage>;
  readonly contours: readonly Contour[];
  readonly peak: number;
}

/** A map whose bytes do not fit its shape is an error, not an empty overlay. */
export class HeatmapError extends Error {}

/** Cells below this are hatched: the lane itself says not to lean on them. */
export const LOW_RELIABILITY = 0.5;

function floatsOf(base64: string, count: number): Float32Array {
  const text = atob(base64);
  if (text.length !== count * 4) {
    throw new HeatmapError(
      t`The map arrived with ${text.length} bytes instead of ${count * 4}.`,
    );
  }
  const view = new DataView(new ArrayBuffer(text.length));
  for (let i = 0; i < text.length; i += 1) view.setUint8(i, text.charCodeAt(i));
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * 4, true));
}

export function decodeHeatmap(out: HeatmapOut): Heatmap {
  const { rows, columns, spacing_px: spacing, origin_px: origin } = out;
  if (!(rows > 0 && columns > 0)) throw new HeatmapError(t`The map has no cells.`);
  const values = floatsOf(out.values, rows * columns);
  return {
    rows,
    columns,
    values,
    reliability: out.reliability === null ? null : floatsOf(out.reliability, rows * columns),
    imageFromGrid: affine(spacing[1], 0, 0, spacing[0], origin[1], origin[0]),
    contours: CONTOUR_LEVELS.flatMap((level) => contourLines({ rows, columns, values }, level)),
    peak: values.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** A hot area this large a part of the map points nowhere. */
const EVERYWHERE_SHARE = 0.9;

/**
 * Return whether a finding has no place on its map: nothing reaches the lowest contour, or
 * nearly everything lies above the middle one.
 */
export function hasNoLocation(map: Pick<Heatmap, "values" | "peak">): boolean {
  const hot = map.values.filter((value) => value >= CONTOUR_LEVELS[1]).length;
  return map.peak < CONTOUR_LEVELS[0] || hot / map.values.length >= EVERYWHERE_SHARE;
}

/** Return the map as one pixel per cell, in viridis, fully opaque. */
function shade(map: Heatmap): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = map.columns;
  canvas.height = map.rows;
  const context = canvas.getContext("2d");
  if (context === null) throw new HeatmapError(t`This browser gives no 2D canvas.`);
  const image = context.createImageData(map.columns, map.rows);
  map.values.forEach((value, i) => {
    const [red, green, blue] = viridis(value);
    image.data.set([red, green, blue, 255], i * 4);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

const shades = new WeakMap<Heatmap, HTMLCanvasElement>();

function shadeOf(map: Heatmap): HTMLCanvasElement {
  const known = shades.get(map);
  if (known) return known;
  const made = shade(map);
  shades.set(map, made);
  return made;
}

interface Place {
  readonly canvasFromGrid: Affine<PointGrid, PointCanvas>;
  readonly film: readonly PointCanvas[];
}

function clipToFilm(context: CanvasRenderingContext2D, film: readonly PointCanvas[]): void {
  context.beginPath();
  film.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.closePath();
  context.clip();
}

/** Return whether a cell's reliability is too low to lean on. */
export function isUnreliable(map: Heatmap, cell: number): boolean {
  const reliability = map.reliability?.[cell];
  return reliability !== undefined && reliability < LOW_RELIABILITY;
}

function hatch(context: CanvasRenderingContext2D, map: Heatmap, place: Place): void {
  if (map.reliability === null) return;
  const { a, b, c, d } = place.canvasFromGrid;
  context.save();
  context.beginPath();
  for (let cell = 0; cell < map.values.length; cell += 1) {
    if (!isUnreliable(map, cell)) continue;
    const grid = [cell % map.columns, Math.floor(cell / map.columns)] as unknown as PointGrid;
    const [x, y] = apply(place.canvasFromGrid, grid);
    context.moveTo(x - (a + c) / 2, y - (b + d) / 2);
    context.lineTo(x + (a - c) / 2, y + (b - d) / 2);
    context.lineTo(x + (a + c) / 2, y + (b + d) / 2);
    context.lineTo(x - (a - c) / 2, y - (b - d) / 2);
    context.closePath();
  }
  context.clip();
  context.beginPath();
  const { width, height } = context.canvas;
  for (let x = -height; x < width; x += 9) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.strokeStyle = "rgb(255 255 255 / 0.3)";
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

/** A smaller outline goes unlabelled: its colour and the legend still tell its level. */
const LABEL_FROM_PX = 44;
/** Room that a label keeps for itself, across and down. */
const LABEL_ROOM_PX = [38, 15] as const;

interface ContourLabel {
  readonly level: number;
  readonly at: PointCanvas;
}

/** Return the labels that fit, the highest levels first. */
export function placeLabels(wanted: readonly ContourLabel[]): readonly ContourLabel[] {
  const placed: ContourLabel[] = [];
  for (const label of [...wanted].sort((a, b) => b.level - a.level)) {
    const isFree = placed.every(
      ({ at }) =>
        Math.abs(at[0] - label.at[0]) > LABEL_ROOM_PX[0] ||
        Math.abs(at[1] - label.at[1]) > LABEL_ROOM_PX[1],
    );
    if (isFree) placed.push(label);
  }
  return placed;
}

function strokeContours(
  context: CanvasRenderingContext2D,
  map: Heatmap,
  place: Place,
  taken: readonly Box[],
): void {
  const labels: ContourLabel[] = [];
  context.lineJoin = "round";
  for (const contour of map.contours) {
    const points = contour.points.map((p) => apply(place.canvasFromGrid, p));
    context.beginPath();
    points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    // A dark line under a bright one is seen on black lung and white bone alike.
    context.strokeStyle = "rgb(0 0 0 / 0.75)";
    context.lineWidth = 3.5;
    context.stroke();
    context.strokeStyle = `rgb(${viridis(0.35 + 0.65 * contour.level).join(" ")})`;
    context.lineWidth = 1.5;
    context.stroke();
    const xs = points.map((p) => p[0]);
    const at = labelPoint(points, taken);
    if (at !== null && Math.max(...xs) - Math.min(...xs) >= LABEL_FROM_PX) {
      labels.push({ level: contour.level, at });
    }
  }
  writeLabels(context, placeLabels(labels));
}

function writeLabels(context: CanvasRenderingContext2D, labels: readonly ContourLabel[]): void {
  context.font = "600 11px 'Inter Variable', sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 4;
  context.strokeStyle = "rgb(0 0 0 / 0.85)";
  context.fillStyle = "#fff";
  for (const { level, at } of labels) {
    context.strokeText(formatFixed(level, 2), at[0], at[1]);
    context.fillText(formatFixed(level, 2), at[0], at[1]);
  }
}

/**
 * Draw the map where the film lies.
 *
 * opacity: of the shading, the same everywhere, so that a cool area cannot pass for an
 * unmapped one; contour lines are always drawn in full.
 * taken: what covers the canvas, where no number is written.
 */
export function drawHeatmap(
  context: CanvasRenderingContext2D,
  map: Heatmap,
  canvasFromImage: Affine<PointImage, PointCanvas>,
  film: { readonly rows: number; readonly columns: number },
  opacity: number,
  pixelRatio: number,
  taken: readonly Box[] = [],
): void {
  const corner = (column: number, row: number): PointCanvas =>
    apply(canvasFromImage, [column - 0.5, row - 0.5] as unknown as PointImage);
  const place: Place = {
    canvasFromGrid: compose(map.imageFromGrid, canvasFromImage),
    film: [
      corner(0, 0),
      corner(film.columns, 0),
      corner(film.columns, film.rows),
      corner(0, film.rows),
    ],
  };
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.save();
  context.scale(pixelRatio, pixelRatio);
  clipToFilm(context, place.film);
  context.save();
  const { a, b, c, d, e, f } = place.canvasFromGrid;
  context.transform(a, b, c, d, e - (a + c) / 2, f - (b + d) / 2);
  context.globalAlpha = opacity;
  context.imageSmoothingEnabled = true;
  context.drawImage(shadeOf(map), 0, 0);
  context.restore();
  hatch(context, map, place);
  strokeContours(context, map, place, taken);
  context.restore();
}
