/** Regions, measures and the mark under way, drawn over the film as SVG. */
import { memo } from "react";

import type { RegionIn } from "@/api/types";
import {
  apply,
  boxCorners,
  boxFromCorners,
  pointImage,
  type PointCanvas,
  type PointImage,
} from "@/geometry";
import type { Film } from "@/imaging";

import { draftPoints, type Draft } from "./drawing";
import {
  handlesOf,
  measureLines,
  outlineOf,
  shapeOf,
  sizeText,
  type Measure,
} from "./measures";
import { regionOutline } from "./regions";
import { useStore, type Store } from "./store";
import type { Hover } from "./usePointer";
import type { FilmPlace } from "./useStage";

/** A box of a lane's finding, in film pixels. */
export interface Highlight {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
  readonly label: string;
}

interface MarksProps {
  readonly place: FilmPlace;
  readonly film: Film;
  readonly regions: readonly RegionIn[];
  readonly activeRegion: number | null;
  readonly highlights: readonly Highlight[];
  readonly measures: readonly Measure[];
  readonly selected: number | null;
  /** Which handle of the selected measure the arrow keys move; null: all of it. */
  readonly activeHandle: number | null;
}

function pathOf(points: readonly PointImage[], place: FilmPlace, closed: boolean): string {
  const parts = points.map((p, i) => {
    const [x, y] = apply(place, p);
    return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return parts.join("") + (closed && points.length > 0 ? "Z" : "");
}

interface LabelProps {
  readonly at: PointImage;
  readonly place: FilmPlace;
  readonly lines: readonly string[];
}

const LINE_HEIGHT_PX = 15;

function Label({ at, place, lines }: LabelProps) {
  const [x, y] = apply(place, at);
  return (
    <text className="mark-label" x={x + 8} y={y - 8}>
      {lines.map((line, i) => (
        <tspan key={i} x={x + 8} dy={i === 0 ? 0 : LINE_HEIGHT_PX}>
          {line}
        </tspan>
      ))}
    </text>
  );
}

function Line(props: { d: string; className: string }) {
  return (
    <g className={props.className}>
      <path className="mark-halo" d={props.d} />
      <path className="mark-line" d={props.d} />
    </g>
  );
}

function boxOf(h: Highlight): readonly PointImage[] {
  const [left, top] = [h.column - 0.5, h.row - 0.5];
  return [
    pointImage(left, top),
    pointImage(left + h.width, top),
    pointImage(left + h.width, top + h.height),
    pointImage(left, top + h.height),
  ];
}

const HEAD_PX = 13;
const HEAD_ANGLE = 0.42;
const CROSS_PX = 9;

/** Return the two barbs at the tip of an arrow, on the screen. */
function headPath(tip: PointCanvas, tail: PointCanvas): string {
  const back = Math.atan2(tail[1] - tip[1], tail[0] - tip[0]);
  const [left, right] = [back - HEAD_ANGLE, back + HEAD_ANGLE].map(
    (turn) =>
      `${(tip[0] + HEAD_PX * Math.cos(turn)).toFixed(1)} ${(tip[1] + HEAD_PX * Math.sin(turn)).toFixed(1)}`,
  );
  return `M${left}L${tip[0].toFixed(1)} ${tip[1].toFixed(1)}L${right}`;
}

function crossPath([x, y]: PointCanvas, reach: number): string {
  return `M${x - reach} ${y}h${2 * reach}M${x} ${y - reach}v${2 * reach}`;
}

/** Return the line of a measure on the screen, with an arrow's head or a probe's cross. */
function measurePath(measure: Pick<Measure, "kind" | "points">, place: FilmPlace): string {
  const [a, b] = measure.points;
  if (measure.kind === "probe") return a ? crossPath(apply(place, a), CROSS_PX) : "";
  const line = pathOf(outlineOf(measure), place, shapeOf(measure) !== null);
  const isArrow = measure.kind === "arrow" && a && b;
  return isArrow ? line + headPath(apply(place, a), apply(place, b)) : line;
}

/** Return where the words of a measure stand: clear of what it points at. */
function labelPoint({ kind, points }: Measure): PointImage | undefined {
  if (kind === "angle") return points[1];
  const [a, b] = points;
  if ((kind === "ellipse" || kind === "rectangle") && a && b) {
    const { min, max } = boxFromCorners(a, b);
    return pointImage(max[0], min[1]);
  }
  return points.at(-1);
}

interface MeasureMarkProps {
  readonly measure: Measure;
  readonly place: FilmPlace;
  readonly film: Film;
  readonly isSelected: boolean;
  readonly activeHandle: number | null;
}

function MeasureMark(props: MeasureMarkProps) {
  const { measure, place, film, isSelected, activeHandle } = props;
  const at = labelPoint(measure);
  const lines = measureLines(measure, film);
  return (
    <g data-measure={measure.kind}>
      <Line
        className={`mark mark-measure${isSelected ? " mark-active" : ""}`}
        d={measurePath(measure, place)}
      />
      {isSelected
        ? handlesOf(measure).map((handle, i) => {
            const [x, y] = apply(place, handle);
            const active = activeHandle === i ? " mark-handle-active" : "";
            return (
              <rect
                key={i}
                className={`mark-handle${active}`}
                x={x - 4.5}
                y={y - 4.5}
                width={9}
                height={9}
              />
            );
          })
        : null}
      {at && lines.length > 0 ? <Label at={at} place={place} lines={lines} /> : null}
    </g>
  );
}

interface DraftProps {
  readonly place: FilmPlace;
  readonly film: Film;
  readonly draft: Store<Draft | null>;
  readonly hover: Store<Hover | null>;
  /** The keyboard's cross. */
  readonly cursor: PointImage | null;
}

function draftPath({ tool }: Draft, points: readonly PointImage[], place: FilmPlace): string {
  const [a, b] = points;
  if (tool === "box" && a && b) {
    return pathOf(boxCorners(boxFromCorners(a, b)), place, true);
  }
  // An outline closes when it is whole, not while it grows.
  if (tool === "box" || tool === "freehand" || tool === "area" || tool === "window")
    return pathOf(points, place, false);
  return tool === "pan" ? "" : measurePath({ kind: tool, points }, place);
}

/** The mark under way and the keyboard's cross; alone redrawn while the pointer moves. */
export function DraftLayer({ place, film, draft, hover, cursor }: DraftProps) {
  const under = useStore(draft);
  const pointer = useStore(hover);
  const next = cursor ?? pointer?.image ?? null;
  const cross = cursor && apply(place, cursor);
  const points = under ? draftPoints(under, next) : [];
  const last = points.at(-1);
  const kind = under?.tool;
  const text =
    kind === "length" || kind === "angle" || kind === "ellipse" || kind === "rectangle"
      ? sizeText({ kind, points }, film)
      : "";
  return (
    <svg className="marks" aria-hidden>
      {under ? <Line className="mark mark-draft" d={draftPath(under, points, place)} /> : null}
      {last && text !== "" ? <Label at={last} place={place} lines={[text]} /> : null}
      {cross ? <path className="mark-cursor" d={crossPath(cross, 14)} /> : null}
    </svg>
  );
}

export const Marks = memo(function Marks(props: MarksProps) {
  const { place, film, regions, highlights, measures, activeRegion } = props;
  return (
    <svg className="marks" aria-hidden>
      {highlights.map((h, i) => (
        <g key={`h${i}`}>
          <Line className="mark mark-finding" d={pathOf(boxOf(h), place, true)} />
          <Label at={pointImage(h.column, h.row)} place={place} lines={[h.label]} />
        </g>
      ))}
      {regions.map((region, i) => {
        const outline = regionOutline(region);
        return (
          <g key={`r${i}`}>
            <Line
              className={`mark mark-region${i === activeRegion ? " mark-active" : ""}`}
              d={pathOf(outline, place, true)}
            />
            {outline[0] ? (
              <Label at={outline[0]} place={place} lines={[String(i + 1)]} />
            ) : null}
          </g>
        );
      })}
      {measures.map((measure) => (
        <MeasureMark
          key={measure.id}
          measure={measure}
          place={place}
          film={film}
          isSelected={measure.id === props.selected}
          activeHandle={measure.id === props.selected ? props.activeHandle : null}
        />
      ))}
    </svg>
  );
});
