import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useRef } from "react";

import type { SizePx } from "@/geometry";
import { formatFixed } from "@/ui/format";
import { Kbd } from "@/ui/shortcuts";

import { CONTOUR_LEVELS, drawHeatmap, LOW_RELIABILITY, type Heatmap } from "./heatmap";
import { boxesOver } from "./legendPlace";
import type { Highlight } from "./Marks";
import type { FilmPlace } from "./useStage";
import { viridisCss } from "./viridis";

export interface HeatmapView {
  readonly map: Heatmap;
  readonly name: string;
  /** The lane's finding has no place on the film, and the legend says so. */
  readonly isGlobal: boolean;
  readonly opacity: number;
  readonly onOpacity: (opacity: number) => void;
}

interface LayerProps {
  readonly view: HeatmapView;
  readonly place: FilmPlace;
  readonly size: SizePx;
  readonly film: { readonly rows: number; readonly columns: number };
  /** Numbers keep out of the corners while text stands there. */
  readonly isTextShown: boolean;
  /** Nor do they stand under the name of a finding. */
  readonly highlights: readonly Highlight[];
}

/** The map on a canvas of its own above the film, redrawn whenever the film moves. */
export function HeatmapLayer(props: LayerProps) {
  const { view, place, size, film, isTextShown, highlights } = props;
  const ref = useRef<HTMLCanvasElement>(null);
  const { map, opacity } = view;
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    drawHeatmap(context, map, place, film, opacity, ratio, boxesOver(canvas));
  }, [map, opacity, place, size, film, isTextShown, highlights]);
  return <canvas ref={ref} className="heatmap" data-heatmap="" aria-hidden />;
}

const BAR = `linear-gradient(to right, ${Array.from({ length: 9 }, (_, i) =>
  viridisCss(i / 8),
).join(", ")})`;

export function HeatmapLegend({ view }: { view: HeatmapView }) {
  const { map, name, opacity, onOpacity } = view;
  return (
    <div className="legend">
      <div className="legend-title">
        <strong>{name}</strong>
        <span className="muted">{t`peak ${formatFixed(map.peak, 2)}`}</span>
      </div>
      {view.isGlobal ? (
        <p className="legend-global" data-global-finding="">
          <Trans>
            <strong>Global finding, no location.</strong> The lane judged the film as a whole;
            no part of it stands out.
          </Trans>
        </p>
      ) : null}
      <div className="legend-bar" style={{ backgroundImage: BAR }}>
        {CONTOUR_LEVELS.map((level) => (
          <i key={level} style={{ left: `${level * 100}%` }} />
        ))}
      </div>
      <div className="legend-ticks" aria-hidden>
        {[0, ...CONTOUR_LEVELS, 1].map((level) => (
          <span key={level} style={{ left: `${level * 100}%` }}>
            {level}
          </span>
        ))}
      </div>
      <p className="legend-note">
        {map.reliability ? (
          <>
            <i className="legend-hatch" aria-hidden />{" "}
            {t`hatched: reliability below ${LOW_RELIABILITY}`}
          </>
        ) : (
          t`This lane gives no reliability map.`
        )}
      </p>
      <label className="legend-opacity">
        <span>{t`Shading`}</span>
        <input
          type="range"
          min={0}
          max={100}
          step={5}
          value={Math.round(opacity * 100)}
          onChange={(event) => onOpacity(Number(event.target.value) / 100)}
        />
        <span className="numeric">{Math.round(opacity * 100)} %</span>
        <Kbd id="map.less" />
        <Kbd id="map.more" />
      </label>
    </div>
  );
}
