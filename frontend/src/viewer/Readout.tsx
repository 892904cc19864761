import { scaleBar, type PointImage } from "@/geometry";
import { valueAt, type Film } from "@/imaging";

import type { ViewerState } from "./state";

interface ReadoutProps {
  readonly film: Film;
  readonly state: ViewerState;
  readonly hover: PointImage | null;
  readonly frame: number;
}

const whole = (value: number): string => String(Math.round(value));

/** The line at the foot of the film: window, zoom, place and value under the pointer. */
export function Readout({ film, state, hover, frame }: ReadoutProps) {
  const { look, view } = state;
  const column = hover ? Math.round(hover[0]) : -1;
  const row = hover ? Math.round(hover[1]) : -1;
  const values = valueAt(film, column, row);
  const ratio = window.devicePixelRatio || 1;
  return (
    <div className="readout" data-readout="">
      {look ? (
        <span>
          W/L {whole(look.window.width)}/{whole(look.window.center)}
          {look.voi === "LINEAR" ? "" : ` ${look.voi.toLowerCase().replace("_", " ")}`}
        </span>
      ) : null}
      {view ? <span>zoom {whole(view.zoom * ratio * 100)} %</span> : null}
      {film.meta.frame_count > 1 ? (
        <span>
          frame {frame + 1} of {film.meta.frame_count}
        </span>
      ) : null}
      {values ? (
        <span>
          x {column} y {row} val {values.map((v) => Number(v.toFixed(2))).join(" ")}
        </span>
      ) : null}
      {film.min === film.max ? (
        <span className="tone-amber">Every pixel of this film holds the same value.</span>
      ) : null}
    </div>
  );
}

/** A bar of known length, or the reason why there is none. */
export function Scale({ film, state }: Pick<ReadoutProps, "film" | "state">) {
  const spacing = film.meta.spacing_mm;
  if (spacing === null) {
    const note = film.meta.spacing_note || "The film gives no pixel spacing.";
    return <div className="scale scale-none">{note} Lengths in px.</div>;
  }
  if (state.view === null) return null;
  const bar = scaleBar(Math.min(...spacing) / state.view.zoom, 140);
  if (bar === null) return null;
  return (
    <div className="scale" title={film.meta.spacing_note || undefined}>
      <i style={{ width: bar.px }} />
      {bar.mm >= 10 ? `${bar.mm / 10} cm` : `${bar.mm} mm`}
    </div>
  );
}
