import { describe, expect, it } from "vitest";

import {
  apply,
  canvasFromImage,
  compose,
  pointImage,
  type FilmShape,
  type View,
} from "@/geometry";

import { AS_IS, filmOntoFilm, linkedLook, linkedView, type Alignment } from "./linked";
import type { Look } from "./state";

const A: FilmShape = { rows: 400, columns: 300, pixelAspect: [1, 1] };
const canvas = { width: 640, height: 480 };
const TURNS = [0, 1, 2, 3] as const;
const ALL: Alignment[] = TURNS.flatMap((quarterTurns) =>
  [false, true].map((mirrored) => ({ quarterTurns, mirrored, inverted: false })),
);
const views: View[] = TURNS.flatMap((quarterTurns) =>
  [false, true].map((flipped) => ({
    centre: pointImage(120.5, 210),
    zoom: 0.8,
    quarterTurns,
    flipped,
  })),
);

describe("two films moved as one", () => {
  it("keep every point of the picture on the same spot, however they are turned", () => {
    for (const by of ALL) {
      const isTurned = by.quarterTurns % 2 === 1;
      // The other film has half the pixels and, turned, its sides exchanged.
      const other: FilmShape = {
        rows: isTurned ? 150 : 200,
        columns: isTurned ? 200 : 150,
        pixelAspect: [1, 1],
      };
      for (const view of views) {
        const here = canvasFromImage(view, A, canvas);
        const there = compose(
          filmOntoFilm(A, other, by),
          canvasFromImage(linkedView(view, A, other, by), other, canvas),
        );
        for (const point of [pointImage(0, 0), pointImage(299, 17), pointImage(40, 399)]) {
          const [x, y] = apply(here, point);
          const [u, v] = apply(there, point);
          expect(u).toBeCloseTo(x, 6);
          expect(v).toBeCloseTo(y, 6);
        }
      }
    }
  });

  it("lay corner on corner: mirrored first, then turned clockwise", () => {
    const corner = pointImage(0, 0);
    const onto = (by: Partial<Alignment>) => {
      const isTurned = (by.quarterTurns ?? 0) % 2 === 1;
      const other = { ...A, ...(isTurned ? { rows: 300, columns: 400 } : {}) };
      return [...apply(filmOntoFilm(A, other, { ...AS_IS, ...by }), corner)].map(Math.round);
    };
    expect(onto({})).toEqual([0, 0]);
    expect(onto({ mirrored: true })).toEqual([299, 0]);
    expect(onto({ quarterTurns: 1 })).toEqual([399, 0]);
    expect(onto({ quarterTurns: 2 })).toEqual([299, 399]);
    expect(onto({ mirrored: true, quarterTurns: 1 })).toEqual([399, 299]);
  });
});

describe("the window of the other film", () => {
  const look = (center: number, width: number, inverted = false): Look => ({
    window: { center, width },
    voi: "LINEAR",
    inverted,
  });

  it("changes as the first one's did, in its own units", () => {
    const linked = linkedLook(look(1100, 1000), look(1000, 2000), look(128, 256), AS_IS);
    expect(linked.window).toEqual({ center: 128 + 0.05 * 256, width: 128 });
    expect(linked.inverted).toBe(false);
  });

  it("of an inverted film is inverted, and moves the other way", () => {
    const by = { ...AS_IS, inverted: true };
    const linked = linkedLook(look(1100, 2000), look(1000, 2000), look(128, 256), by);
    expect(linked.window.center).toBeCloseTo(128 - 0.05 * 256);
    expect(linked.inverted).toBe(true);
    expect(linkedLook(look(0, 9, true), look(0, 9), look(0, 9), by).inverted).toBe(false);
  });
});
