import { t } from "@lingui/core/macro";
import { X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";

import type { SizePx } from "@/geometry";

import type { FilmPlace } from "../useStage";
import type { Forensic } from "./useForensic";
import type { Picture, ViewName } from "./views";
import { rangeWords, VIEWS } from "./words";

/** Return the picture as a canvas of its own size. */
function canvasOf({ rows, columns, levels }: Picture): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  if (context === null) return canvas;
  const image = context.createImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  levels.forEach((level, i) => {
    words[i] = 0xff000000 | (level << 16) | (level << 8) | level;
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

const canvases = new WeakMap<Picture, HTMLCanvasElement>();

function keptCanvasOf(picture: Picture): HTMLCanvasElement {
  const known = canvases.get(picture);
  if (known) return known;
  const made = canvasOf(picture);
  canvases.set(picture, made);
  return made;
}

interface LayerProps {
  readonly picture: Picture;
  readonly place: FilmPlace;
  readonly size: SizePx;
}

/** The view over the film, pixel on pixel. */
export function ForensicLayer({ picture, place, size }: LayerProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(size.width * ratio);
    canvas.height = Math.round(size.height * ratio);
    const { a, b, c, d, e, f } = place;
    context.scale(ratio, ratio);
    // The film's frame counts from the centre of its first pixel, a canvas from its corner.
    context.transform(a, b, c, d, e - (a + c) / 2, f - (b + d) / 2);
    context.imageSmoothingEnabled = Math.hypot(a, b) < 3;
    context.drawImage(keptCanvasOf(picture), 0, 0);
  }, [picture, place, size]);
  return <canvas ref={ref} className="heatmap" data-forensic-layer="" aria-hidden />;
}

const PREVIEW_PX = 268;

function Preview({ picture, label }: { picture: Picture; label: string }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const [width, height] = useMemo(() => {
    const scale = PREVIEW_PX / Math.max(picture.columns, picture.rows);
    return [Math.round(picture.columns * scale), Math.round(picture.rows * scale)];
  }, [picture]);
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    context?.drawImage(keptCanvasOf(picture), 0, 0, 2 * width, 2 * height);
  }, [picture, width, height]);
  return (
    <canvas
      ref={ref}
      role="img"
      aria-label={t`${label}, whole`}
      className="forensic-preview"
      width={2 * width}
      height={2 * height}
      style={{ width, height }}
    />
  );
}

/** Chooses a view, says in plain words what it shows and what it cannot tell. */
export function ForensicPanel({ forensic }: { forensic: Forensic }) {
  const { view, setting, picture, problem } = forensic;
  return (
    <aside className="forensic" aria-label={t`Pixel views`}>
      <div className="legend-title">
        <strong>{t`Pixel views`}</strong>
        <button
          type="button"
          className="tool"
          aria-label={t`Close the pixel views`}
          onClick={forensic.toggle}
        >
          <X size={15} aria-hidden />
        </button>
      </div>
      <label className="field">
        <span className="visually-hidden">{t`View`}</span>
        <select
          className="input"
          value={view.name}
          onChange={(event) => forensic.choose(event.target.value as ViewName)}
        >
          {VIEWS.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {view.setting ? (
        <label className="legend-opacity">
          <span>{view.setting.label}</span>
          <input
            type="range"
            min={view.setting.min}
            max={view.setting.max}
            step={view.setting.step}
            value={setting}
            onChange={(event) => forensic.setSetting(Number(event.target.value))}
          />
          <span className="numeric">{setting}</span>
        </label>
      ) : null}
      {view.isAligned ? (
        <label className="forensic-over">
          <input
            type="checkbox"
            checked={forensic.isOver}
            onChange={(event) => forensic.setOver(event.target.checked)}
          />
          {t`Over the film`}
        </label>
      ) : null}
      <div className="forensic-picture">
        {problem !== null ? (
          <p role="alert" className="tone-amber">
            {problem}
          </p>
        ) : picture === null ? (
          <p role="status">{t`Computing…`}</p>
        ) : (
          <Preview picture={picture} label={view.label} />
        )}
      </div>
      <p className="muted numeric">{picture === null ? "\u00a0" : rangeWords(picture)}</p>
      <p>{view.shows}</p>
      <p className="forensic-cannot">
        <strong>{t`Cannot tell:`}</strong> {view.cannot}
      </p>
      <p className="muted">{t`Computed here from the pixels; no lane's opinion is in it.`}</p>
    </aside>
  );
}
