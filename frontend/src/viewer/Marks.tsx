/** Regions, measures and the mark under way, drawn over the film as SVG. */
import type { RegionIn } from "@/api/types";
import {
  angleDeg,
  apply,
  lengthMm,
  lengthPx,
  pointImage,
  type PointImage,
  type SpacingMm,
} from "@/geometry";

import { draftPoints, type Draft } from "./drawing";
import { regionOutline } from "./regions";
import type { Measure } from "./state";
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
  readonly spacing: SpacingMm | null;
  readonly regions: readonly RegionIn[];
  readonly activeRegion: number | null;
  readonly highlights: readonly Highlight[];
  readonly measures: readonly Measure[];
  readonly draft: Draft | null;
  readonly cursor: PointImage | null;
}

function pathOf(points: readonly PointImage[], place: FilmPlace, closed: boolean): string {
  const parts = points.map((p, i) => {
    const [x, y] = apply(place, p);
    return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return parts.join("") + (closed && points.length > 0 ? "Z" : "");
}

/** Return "31.2 mm" where the spacing can be trusted, else "184 px"; angles in degrees. */
export function measureText(
  kind: Measure["kind"],
  points: readonly PointImage[],
  spacing: SpacingMm | null,
): string {
  const [a, b, c] = points;
  if (!a || !b) return "";
  if (kind === "angle") {
    const angle = c ? angleDeg(a, b, c, spacing) : null;
    return angle === null ? "" : `${angle.toFixed(1)}°`;
  }
  const mm = lengthMm(a, b, spacing);
  return mm === null ? `${lengthPx(a, b).toFixed(0)} px` : `${mm.toFixed(1)} mm`;
}

function Label({ at, place, text }: { at: PointImage; place: FilmPlace; text: string }) {
  const [x, y] = apply(place, at);
  return (
    <text className="mark-label" x={x + 8} y={y - 8}>
      {text}
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

function DraftMark({
  draft,
  place,
  spacing,
}: Pick<MarksProps, "place" | "spacing"> & { draft: Draft }) {
  const points = draftPoints(draft);
  const [a, b] = points;
  const isBox = draft.tool === "box" && a && b;
  const shown = isBox ? [a, pointImage(b[0], a[1]), b, pointImage(a[0], b[1])] : points;
  const last = points.at(-1);
  const text =
    draft.tool === "length" || draft.tool === "angle"
      ? measureText(draft.tool, points, spacing)
      : "";
  return (
    <>
      <Line className="mark mark-draft" d={pathOf(shown, place, Boolean(isBox))} />
      {last && text !== "" ? <Label at={last} place={place} text={text} /> : null}
    </>
  );
}

export function Marks(props: MarksProps) {
  const { place, spacing, regions, highlights, measures, draft, cursor, activeRegion } = props;
  const cross = cursor && apply(place, cursor);
  return (
    <svg className="marks" aria-hidden>
      {highlights.map((h, i) => (
        <g key={`h${i}`}>
          <Line className="mark mark-finding" d={pathOf(boxOf(h), place, true)} />
          <Label at={pointImage(h.column, h.row)} place={place} text={h.label} />
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
            {outline[0] ? <Label at={outline[0]} place={place} text={String(i + 1)} /> : null}
          </g>
        );
      })}
      {measures.map((m) => {
        const at = m.kind === "angle" ? m.points[1] : m.points.at(-1);
        return (
          <g key={`m${m.id}`}>
            <Line className="mark mark-measure" d={pathOf(m.points, place, false)} />
            {at ? (
              <Label at={at} place={place} text={measureText(m.kind, m.points, spacing)} />
            ) : null}
          </g>
        );
      })}
      {draft ? <DraftMark draft={draft} place={place} spacing={spacing} /> : null}
      {cross ? (
        <path
          className="mark-cursor"
          d={`M${cross[0] - 14} ${cross[1]}h28M${cross[0]} ${cross[1] - 14}v28`}
        />
      ) : null}
    </svg>
  );
}
