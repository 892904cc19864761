import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { apply, invert, scaleBar, type PointImage } from "@/geometry";
import { isMadeUp, valueAt, type Film } from "@/imaging";
import { formatFixed, formatShort } from "@/ui/format";

import type { Heatmap } from "./heatmap";
import { unitOf } from "./measures";
import type { ViewerState } from "./state";
import { useStore, type Store } from "./store";
import type { Hover } from "./usePointer";

interface ReadoutProps {
  readonly film: Film;
  readonly state: ViewerState;
  readonly hover: Store<Hover | null>;
  /** The keyboard's cross goes before the pointer. */
  readonly cursor: PointImage | null;
  /** "slice 3 of 24", or empty. */
  readonly place: string;
  /** The map on the film now; only after the seal is there one. */
  readonly map: { readonly name: string; readonly map: Heatmap } | null;
}

const whole = (value: number): string => String(Math.round(value));

/** Return the value of the cell a film point lies in, or null outside the map. */
export function mapValueAt(map: Heatmap, at: PointImage): number | null {
  const [x, y] = apply(invert(map.imageFromGrid), at);
  const [column, row] = [Math.round(x), Math.round(y)];
  if (column < 0 || row < 0 || column >= map.columns || row >= map.rows) return null;
  return map.values[row * map.columns + column] ?? null;
}

/** Column, row, stored value, what the file means by it, and the shown map's number there. */
function UnderPointer({ film, hover, cursor, map }: Omit<ReadoutProps, "state" | "place">) {
  const pointer = useStore(hover);
  const at = cursor ?? pointer?.image ?? null;
  if (at === null) return null;
  const [column, row] = [Math.round(at[0]), Math.round(at[1])];
  const meant = valueAt(film, column, row);
  if (meant === null) return null;
  const { columns, samples, slope, intercept } = film.meta;
  const from = (row * columns + column) * samples;
  const stored = [...film.pixels.subarray(from, from + samples)].join(" ");
  const unit = unitOf(film);
  const isRescaled = slope !== 1 || intercept !== 0 || unit !== "";
  const suspicion = map && mapValueAt(map.map, at);
  return (
    <>
      <span>
        {t`x ${column} y ${row} val ${stored}`}
        {isRescaled ? ` = ${meant.map(formatShort).join(" ")}${unit}` : ""}
      </span>
      {map && suspicion !== null ? (
        <span>
          {map.name} {formatFixed(suspicion, 2)}
        </span>
      ) : null}
    </>
  );
}

/** The line at the foot of the film: window, zoom, place and value under the pointer. */
export function Readout({ film, state, place, ...pointed }: ReadoutProps) {
  const { look, view } = state;
  const ratio = window.devicePixelRatio || 1;
  return (
    <div className="readout" data-readout="">
      {look ? (
        <span>
          {t`W/L ${whole(look.window.width)}/${whole(look.window.center)}`}
          {look.voi === "LINEAR" ? "" : ` ${look.voi.toLowerCase().replace("_", " ")}`}
          {isMadeUp(film.meta, look.window) ? ` ${t`full range, no window in the file`}` : ""}
        </span>
      ) : null}
      {view ? <span>{t`zoom ${whole(view.zoom * ratio * 100)} %`}</span> : null}
      {place === "" ? null : <span>{place}</span>}
      <UnderPointer film={film} {...pointed} />
      {film.min === film.max ? (
        <span className="tone-amber">{t`Every pixel of this film holds the same value.`}</span>
      ) : null}
    </div>
  );
}

const FRAME_WORDS: Readonly<Record<string, string>> = {
  patient: "",
  calibrated: t`calibrated`,
  detector: t`at the detector`,
  unstated: t`plane not stated`,
};

/** Why there is no length: in English as the server says it, which may be more. */
function noteOf({ meta }: Film): string {
  const isEnglish = i18n.locale === "en" && meta.spacing_note !== "";
  return isEnglish ? meta.spacing_note : t`The film gives no pixel spacing.`;
}

/** A bar of known length, or the reason why there is none. */
export function Scale({ film, state }: Pick<ReadoutProps, "film" | "state">) {
  const spacing = film.meta.spacing_mm;
  if (spacing === null) {
    return (
      <div className="scale scale-none">
        <span>
          {noteOf(film)} {t`Lengths in px.`}
        </span>
      </div>
    );
  }
  if (state.view === null) return null;
  const bar = scaleBar(Math.min(...spacing) / state.view.zoom, 140);
  if (bar === null) return null;
  const where = FRAME_WORDS[film.meta.display.spacing_frame] ?? "";
  return (
    <div className="scale" title={film.meta.spacing_note || undefined}>
      <i style={{ width: bar.px }} />
      <span>
        {bar.mm >= 10 ? `${bar.mm / 10} cm` : `${bar.mm} mm`}
        {where === "" ? "" : ` ${where}`}
      </span>
    </div>
  );
}
