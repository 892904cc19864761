/** Measures: what they are made of, how they are moved, what they say. Pure. */
import { t } from "@lingui/core/macro";
import {
  angleDeg,
  apply,
  boxCorners,
  boxFromCorners,
  lengthMm,
  lengthPx,
  pointImage,
  shapeAreaPx,
  spansOf,
  type Affine,
  type AreaKind,
  type PointCanvas,
  type PointImage,
} from "@/geometry";
import { statisticsOf, valueAt, type Film, type Statistics } from "@/imaging";
import { formatFixed } from "@/ui/format";

export type MeasureKind =
  "length" | "angle" | "ellipse" | "rectangle" | "area" | "arrow" | "probe";

export interface Measure {
  readonly id: number;
  readonly kind: MeasureKind;
  /** Which film and frame it lies on: `placeKey`. */
  readonly at: string;
  /** Rectangle and ellipse: two opposite corners; arrow: its tip, then its tail. */
  readonly points: readonly PointImage[];
  /** What the reader wrote beside an arrow. */
  readonly text: string;
}

export const MEASURE_NAMES: Readonly<Record<MeasureKind, string>> = {
  length: t`Length`,
  angle: t`Angle`,
  ellipse: t`Ellipse`,
  rectangle: t`Rectangle`,
  area: t`Outline`,
  arrow: t`Arrow`,
  probe: t`Probe`,
};

export const MAX_TEXT_CHARACTERS = 80;

export function placeKey(imageId: string, frame: number): string {
  return `${imageId}#${frame}`;
}

const AREAS: Partial<Record<MeasureKind, AreaKind>> = {
  ellipse: "ellipse",
  rectangle: "rectangle",
  area: "polygon",
};

/** Return the shape whose inside is measured, or null for lines and points. */
export function shapeOf(measure: Pick<Measure, "kind" | "points">) {
  const kind = AREAS[measure.kind];
  return kind === undefined ? null : { kind, points: measure.points };
}

const ELLIPSE_CORNERS = 64;

/** Return the line to draw in film pixels; whether it is closed is `shapeOf(...) !== null`. */
export function outlineOf({
  kind,
  points,
}: Pick<Measure, "kind" | "points">): readonly PointImage[] {
  const [a, b] = points;
  if (!a || !b) return points;
  if (kind === "rectangle") return boxCorners(boxFromCorners(a, b));
  if (kind !== "ellipse") return points;
  const [cx, cy] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return Array.from({ length: ELLIPSE_CORNERS }, (_, i) => {
    const turn = (2 * Math.PI * i) / ELLIPSE_CORNERS;
    return pointImage(
      cx + ((b[0] - a[0]) / 2) * Math.cos(turn),
      cy + ((b[1] - a[1]) / 2) * Math.sin(turn),
    );
  });
}

const hasBox = (kind: MeasureKind): boolean => kind === "ellipse" || kind === "rectangle";

/** Return the points a reader can take hold of. */
export function handlesOf({
  kind,
  points,
}: Pick<Measure, "kind" | "points">): readonly PointImage[] {
  const [a, b] = points;
  if (!hasBox(kind) || !a || !b) return points;
  return [a, pointImage(b[0], a[1]), b, pointImage(a[0], b[1])];
}

/** Return the points after handle `index` was moved to `to`. */
export function moveHandle(
  measure: Pick<Measure, "kind" | "points">,
  index: number,
  to: PointImage,
): readonly PointImage[] {
  const { kind, points } = measure;
  const [a, b] = points;
  if (!hasBox(kind) || !a || !b) return points.map((p, i) => (i === index ? to : p));
  if (index === 0) return [to, b];
  if (index === 1) return [pointImage(a[0], to[1]), pointImage(to[0], b[1])];
  if (index === 2) return [a, to];
  return [pointImage(to[0], a[1]), pointImage(b[0], to[1])];
}

/** Return the points moved by film pixels, as far as all of them stay on the film. */
export function moveAll(
  points: readonly PointImage[],
  [dx, dy]: readonly [number, number],
  film: { readonly rows: number; readonly columns: number },
): readonly PointImage[] {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const within = (by: number, low: number, high: number, end: number): number =>
    Math.min(Math.max(by, -low), Math.max(-low, end - high));
  const x = within(dx, Math.min(...xs), Math.max(...xs), film.columns - 1);
  const y = within(dy, Math.min(...ys), Math.max(...ys), film.rows - 1);
  return points.map((p) => pointImage(p[0] + x, p[1] + y));
}

/** What of a measure lies under the pointer: a handle, or its line (handle null). */
export interface Hit {
  readonly id: number;
  readonly handle: number | null;
}

/** 24 px across, the least a pointer target may have (WCAG 2.5.8). */
const HANDLE_REACH_PX = 12;
const LINE_REACH_PX = 7;

function distanceToLine(p: PointCanvas, a: PointCanvas, b: PointCanvas): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}

function isNearLine(
  measure: Measure,
  at: PointCanvas,
  place: Affine<PointImage, PointCanvas>,
): boolean {
  const line = outlineOf(measure).map((p) => apply(place, p));
  const closed = shapeOf(measure) !== null;
  return line.some((from, i) => {
    const to = line[i + 1] ?? (closed || line.length === 1 ? line[0] : undefined);
    return to !== undefined && distanceToLine(at, from, to) <= LINE_REACH_PX;
  });
}

/** Return what lies under the pointer; handles count for the selected measure only. */
export function hitMeasure(
  measures: readonly Measure[],
  selected: number | null,
  at: PointCanvas,
  place: Affine<PointImage, PointCanvas>,
): Hit | null {
  const held = measures.find((m) => m.id === selected);
  if (held) {
    const far = handlesOf(held).map((p) => {
      const [x, y] = apply(place, p);
      return Math.hypot(x - at[0], y - at[1]);
    });
    const nearest = Math.min(...far);
    if (nearest <= HANDLE_REACH_PX) return { id: held.id, handle: far.indexOf(nearest) };
  }
  // The one drawn last lies on top.
  const line = [...measures].reverse().find((m) => isNearLine(m, at, place));
  return line ? { id: line.id, handle: null } : null;
}

const SPACING_MARKS: Readonly<Record<string, string>> = {
  detector: t` det.`,
  unstated: t` unc.`,
};

/** Return what follows "mm": nothing where it holds in the patient. */
export function spacingMark(film: Film): string {
  return SPACING_MARKS[film.meta.display.spacing_frame] ?? "";
}

/** 1033.2, 0.42, 12: as many digits as help. */
function short(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return String(Math.round(value));
  return formatFixed(value, size >= 10 ? 1 : 2);
}

function areaText(measure: Pick<Measure, "kind" | "points">, film: Film): string {
  const shape = shapeOf(measure);
  if (shape === null) return "";
  const area = shapeAreaPx(shape);
  const spacing = film.meta.spacing_mm;
  if (spacing === null) return `${Math.round(area)} px²`;
  const mm2 = area * spacing[0] * spacing[1];
  const mark = spacingMark(film);
  return mm2 >= 1000
    ? `${formatFixed(mm2 / 100, 1)} cm²${mark}`
    : `${formatFixed(mm2, 1)} mm²${mark}`;
}

/** Kept by measure: a drag of one must not count the pixels of all the others anew. */
const known = new WeakMap<object, { film: Film; statistics: Statistics | null }>();

export function measureStatistics(measure: Measure, film: Film): Statistics | null {
  const shape = shapeOf(measure);
  if (shape === null) return null;
  const before = known.get(measure);
  if (before?.film === film) return before.statistics;
  const { rows, columns } = film.meta;
  const statistics = statisticsOf(film, spansOf(shape, rows, columns));
  known.set(measure, { film, statistics });
  return statistics;
}

/** " HU" where the file gives a unit, else nothing. */
export function unitOf(film: Film): string {
  const unit = film.meta.display.value_unit;
  return unit === "" ? "" : ` ${unit}`;
}

/**
 * Return what a line, angle or area measures: "31.2 mm" in the patient, "31.2 mm det." at
 * the detector, "31.2 mm unc." where the file does not say which, else "184 px".
 */
export function sizeText(measure: Pick<Measure, "kind" | "points">, film: Film): string {
  const [a, b, c] = measure.points;
  const spacing = film.meta.spacing_mm;
  if (!a || !b) return "";
  if (measure.kind === "angle") {
    const angle = c ? angleDeg(a, b, c, spacing) : null;
    return angle === null ? "" : `${formatFixed(angle, 1)}°`;
  }
  if (measure.kind !== "length") return areaText(measure, film);
  const mm = lengthMm(a, b, spacing);
  return mm === null
    ? `${lengthPx(a, b).toFixed(0)} px`
    : `${formatFixed(mm, 1)} mm${spacingMark(film)}`;
}

/** Return what stands beside a measure, line by line. */
export function measureLines(measure: Measure, film: Film): readonly string[] {
  if (measure.kind === "arrow") return measure.text === "" ? [] : [measure.text];
  if (measure.kind === "probe") return probeLines(film, measure.points[0]);
  const size = sizeText(measure, film);
  const found = measureStatistics(measure, film);
  if (found === null) return [size];
  const unit = unitOf(film);
  return [
    size,
    t`mean ${short(found.mean)}${unit}, SD ${short(found.sd)}`,
    t`min ${short(found.min)}, max ${short(found.max)}`,
  ];
}

/** Return column, row, stored value and, where it differs, what the file means by it. */
export function probeLines(film: Film, at: PointImage | undefined): readonly string[] {
  if (at === undefined) return [];
  const [column, row] = [Math.round(at[0]), Math.round(at[1])];
  const meant = valueAt(film, column, row);
  if (meant === null) return [];
  const { columns, samples, slope, intercept } = film.meta;
  const from = (row * columns + column) * samples;
  const stored = Array.from(film.pixels.subarray(from, from + samples)).join(" ");
  const lines = [t`column ${column}, row ${row}`, t`stored ${stored}`];
  const unit = unitOf(film);
  if (slope !== 1 || intercept !== 0 || unit !== "") {
    lines.push(t`value ${meant.map(short).join(" ")}${unit}`);
  }
  return lines;
}
