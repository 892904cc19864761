/** Pixels and heatmaps of invented films: soft shapes over a gradient, with grain. */
import type { HeatmapOut, ImageMeta } from "../../src/api/types";
import { seeded } from "./random.ts";

const ROWS = 1700;
const COLUMNS = 2000;
const films = new Map<string, Uint16Array>();

export function imageMeta(id: string): ImageMeta {
  return {
    id,
    rows: ROWS,
    columns: COLUMNS,
    frame_count: 1,
    samples: 1,
    bits_stored: 12,
    is_signed: false,
    dtype: "uint16",
    photometric: "MONOCHROME2",
    slope: 1,
    intercept: 0,
    windows: [{ center: 1822, width: 2600, label: "Normal" }],
    voi_function: "LINEAR",
    spacing_mm: id.endsWith("-2") ? null : [0.168, 0.168],
    spacing_note: id.endsWith("-2") ? "Pixel spacing is 0; distances in pixels only." : "",
    pixel_min: 0,
    pixel_max: 4095,
    display: {
      modality: "CR",
      value_unit: "",
      orientation: ["L", "F"],
      spacing_frame: id.endsWith("-2") ? "none" : "detector",
      technique: [
        { label: "kV", value: "120" },
        { label: "mAs", value: "2.5" },
      ],
    },
  };
}

/** A bump of height 1 at the centre, falling smoothly to 0 at the ellipse's rim. */
function bump(x: number, y: number, cx: number, cy: number, rx: number, ry: number): number {
  const d = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2;
  return d >= 1 ? 0 : (1 - d) ** 0.7;
}

function brightness(x: number, y: number): number {
  const body = bump(x, y, 0.5, 0.62, 0.47, 0.66);
  const lungs = bump(x, y, 0.3, 0.48, 0.155, 0.34) + bump(x, y, 0.7, 0.48, 0.155, 0.34);
  const heart = bump(x, y, 0.55, 0.62, 0.15, 0.19);
  const spine = Math.exp(-(((x - 0.5) / 0.03) ** 2)) * (0.75 + 0.25 * Math.cos(y * 90));
  const ribs = 0.5 + 0.5 * Math.cos((y - 0.35 * Math.abs(x - 0.5)) * 62);
  const level = 0.06 + 0.62 * body - 0.42 * lungs + 0.3 * heart;
  return level + 0.16 * spine * body + 0.07 * ribs ** 4 * lungs;
}

export function filmPixels(id: string): Uint16Array {
  const known = films.get(id);
  if (known !== undefined) return known;
  let seed = 7;
  for (const char of id) seed = seed * 31 + char.charCodeAt(0);
  const random = seeded(seed);
  const pixels = new Uint16Array(ROWS * COLUMNS);
  const squeeze = 0.9 + 0.2 * random();
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      const x = 0.5 + (column / COLUMNS - 0.5) * squeeze;
      const level = brightness(x, row / ROWS) + (random() + random() - 1) * 0.03;
      pixels[row * COLUMNS + column] = Math.round(Math.min(1, Math.max(0, level)) * 4095);
    }
  }
  if (films.size > 4) films.clear();
  films.set(id, pixels);
  return pixels;
}

function toBase64(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}

export function heatmap(lane: string): HeatmapOut {
  const step = 64;
  const rows = Math.floor(ROWS / step);
  const columns = Math.floor(COLUMNS / step);
  const values = new Float32Array(rows * columns);
  const reliability = new Float32Array(rows * columns);
  const random = seeded(lane.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const x = column / columns;
      const y = row / rows;
      const hot =
        lane === "tamper"
          ? bump(x, y, 0.64, 0.42, 0.16, 0.14)
          : 0.6 * bump(x, y, 0.45, 0.5, 0.5, 0.6) + 0.35 * bump(x, y, 0.3, 0.7, 0.2, 0.2);
      const at = row * columns + column;
      values[at] = Math.min(1, 0.04 + 0.92 * hot + 0.05 * random());
      reliability[at] = Math.min(1, bump(x, y, 0.5, 0.6, 0.6, 0.75) * 1.6);
    }
  }
  return {
    rows,
    columns,
    spacing_px: [step, step],
    origin_px: [step / 2, step / 2],
    values: toBase64(values),
    reliability: toBase64(reliability),
  };
}

export function previewSvg(id: string): string {
  const shift = id.length % 2 === 0 ? 0 : 3;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="218"><rect width="256" height="218" fill="#0a0a0a"/><ellipse cx="128" cy="130" rx="118" ry="130" fill="#8a8a8a"/><ellipse cx="${80 + shift}" cy="105" rx="38" ry="72" fill="#2c2c2c"/><ellipse cx="${176 - shift}" cy="105" rx="38" ry="72" fill="#2c2c2c"/><ellipse cx="142" cy="138" rx="38" ry="42" fill="#b0b0b0"/></svg>`;
}
