import { describe, expect, it } from "vitest";

import type { ImageMeta } from "@/api/types";
import { pointImage, apply } from "@/geometry";
import { decodeFrame, type Film } from "@/imaging";

import { AS_IS, cropWords, filmOntoFilm, sharedCorners, WHOLE, type Alignment } from "./linked";
import { findCrop, turnsOver } from "./register";
import { filmShape } from "./stage";

/** A smooth, lopsided picture over 0..1 x 0..1. */
function picture(u: number, v: number): number {
  return (
    2 +
    Math.sin(5.1 * u + 1.3 * v) +
    0.8 * Math.cos(7.3 * v - 2.2 * u * v) +
    0.5 * Math.sin(13 * u * v + 3 * u)
  );
}

function film(
  rows: number,
  columns: number,
  valueAt: (u: number, v: number) => number,
  photometric: ImageMeta["photometric"] = "MONOCHROME2",
): Film {
  const pixels = Uint16Array.from({ length: rows * columns }, (_, i) =>
    Math.round(
      valueAt(((i % columns) + 0.5) / columns, (Math.floor(i / columns) + 0.5) / rows),
    ),
  );
  const meta = {
    id: "f",
    rows,
    columns,
    frame_count: 1,
    samples: 1,
    bits_stored: 16,
    is_signed: false,
    dtype: "uint16",
    photometric,
    slope: 1,
    intercept: 0,
    windows: [],
    voi_function: "LINEAR",
    spacing_mm: null,
    spacing_note: "",
    pixel_min: 0,
    pixel_max: 65535,
    display: {
      modality: "DX",
      value_unit: "",
      orientation: null,
      spacing_frame: "none",
      technique: [],
    },
  } as ImageMeta;
  return decodeFrame(pixels.buffer, meta, 0);
}

const whole = film(320, 260, (u, v) => 1000 * picture(u, v));

describe("a film that shows a part of another", () => {
  it("is found at its place though it was mirrored, inverted and re-windowed", () => {
    // 83 % of the sides, from (0.1, 0.05) on.
    const part = film(260, 300, (u, v) => {
      const value = picture(0.1 + 0.83 * (1 - u), 0.05 + 0.83 * v);
      return 60_000 - 900 * value ** 2;
    });
    const by: Alignment = { ...AS_IS, mirrored: true, inverted: true };
    const crop = findCrop(part, whole, by);
    expect(crop?.scale[0]).toBeCloseTo(0.83, 2);
    expect(crop?.scale[1]).toBeCloseTo(0.83, 2);
    expect(crop?.offset[0]).toBeCloseTo(0.1, 2);
    expect(crop?.offset[1]).toBeCloseTo(0.05, 2);
    expect(cropWords(crop ?? WHOLE)).toEqual({ first: "cropped to 83 %", other: "" });
  });

  it("is told from one that shows more, and from a turned copy of the whole", () => {
    const part = film(300, 250, (u, v) => 800 * picture(0.06 + 0.9 * u, 0.02 + 0.9 * v));
    const words = cropWords(findCrop(whole, part, AS_IS) ?? WHOLE);
    expect(words).toEqual({ first: "", other: "cropped to 90 %" });
    // Turned counter-clockwise: a clockwise quarter brings it back.
    const turned = film(260, 320, (u, v) => 500 * picture(1 - v, u));
    // To the pixel: a difference of two copies must not show edges.
    expect(findCrop(turned, whole, { ...AS_IS, quarterTurns: 1 })).toBe(WHOLE);
  });

  it("is not claimed where the pictures do not agree", () => {
    const other = film(320, 260, (u, v) => 1000 * (2 + Math.sin(31 * u) * Math.cos(29 * v)));
    expect(findCrop(other, whole, AS_IS)).toBeNull();
  });
});

describe("films that run the other way", () => {
  it("are told by their stored values, not by how they are displayed", () => {
    const negative = film(9, 9, () => 1, "MONOCHROME1");
    const by = { ...AS_IS, inverted: true };
    expect(turnsOver(whole, whole, by)).toBe(true);
    expect(turnsOver(whole, negative, by)).toBe(false);
    expect(turnsOver(whole, negative, AS_IS)).toBe(true);
    expect(turnsOver(negative, negative, AS_IS)).toBe(false);
  });
});

describe("what both films show", () => {
  it("is outlined on each of them at the same spots", () => {
    const by: Alignment = { quarterTurns: 1, mirrored: true, inverted: false };
    const crop = { scale: [0.8, 0.8], offset: [0.15, -0.05] } as const;
    const [first, other] = [filmShape(film(40, 30, () => 1)), filmShape(whole)];
    const corners = sharedCorners(first, other, by, crop);
    const map = filmOntoFilm(first, other, by, crop);
    corners.first.forEach((corner, i) => {
      const [x, y] = apply(map, corner);
      expect(x).toBeCloseTo(corners.other[i]![0], 6);
      expect(y).toBeCloseTo(corners.other[i]![1], 6);
      // Never beyond the film.
      expect(corner[0]).toBeGreaterThan(-0.51);
      expect(corner[0]).toBeLessThan(29.51);
    });
    expect(corners.other[0]).toEqual(pointImage(0.15 * 260 - 0.5, -0.5));
  });
});
