import { describe, expect, it } from "vitest";
import {
  affine,
  angleDeg,
  apply,
  areaPx,
  boxFromCorners,
  canvasFromImage,
  clampToFilm,
  compose,
  contourLines,
  fitView,
  flipOnScreen,
  fromBasis,
  invert,
  lengthMm,
  panBy,
  pixelAspectOf,
  pointCanvas,
  pointImage,
  scaleBar,
  simplify,
  turnClockwise,
  zoomAt,
  type Affine,
  type FilmShape,
  type PointCanvas,
  type PointImage,
  type View,
} from "./index";

/** A small generator with a fixed seed (Park-Miller), so that a failure repeats. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const film: FilmShape = { rows: 2000, columns: 1700, pixelAspect: [1, 1] };
const canvas = { width: 900, height: 700 };

function randomView(random: () => number): View {
  return {
    centre: pointImage(random() * 1700, random() * 2000),
    zoom: 0.05 + random() * 8,
    quarterTurns: Math.floor(random() * 4) as View["quarterTurns"],
    flipped: random() > 0.5,
  };
}

function expectClose(a: readonly number[], b: readonly number[], digits = 6): void {
  expect(a[0]).toBeCloseTo(b[0] ?? NaN, digits);
  expect(a[1]).toBeCloseTo(b[1] ?? NaN, digits);
}

describe("affine maps", () => {
  it("return a point to where it was after the inverse, for 200 random maps", () => {
    const random = seeded(7);
    for (let i = 0; i < 200; i += 1) {
      const [a, b, c, d] = [random() - 0.5, random() - 0.5, random() - 0.5, random() - 0.5];
      if (Math.abs(a * d - b * c) < 1e-3) continue;
      const map = affine<PointImage, PointCanvas>(a, b, c, d, random() * 100, random() * 100);
      const p = pointImage(random() * 2000, random() * 2000);
      expectClose(apply(invert(map), apply(map, p)), p, 5);
    }
  });

  it("compose in the order in which they are named", () => {
    const double: Affine<PointImage, PointCanvas> = affine(2, 0, 0, 2, 0, 0);
    const shift: Affine<PointCanvas, PointImage> = affine(1, 0, 0, 1, 10, 0);
    expectClose(apply(compose(double, shift), pointImage(3, 4)), [16, 8]);
  });

  it("refuse to invert a map that flattens the plane", () => {
    expect(() => invert(affine(1, 2, 2, 4, 0, 0))).toThrow(RangeError);
  });

  it("are rebuilt from where three points land", () => {
    const map = canvasFromImage(randomView(seeded(3)), film, canvas);
    const [o, x, y] = [pointImage(0, 0), pointImage(1, 0), pointImage(0, 1)];
    const again = fromBasis<PointImage, PointCanvas>(
      apply(map, o),
      apply(map, x),
      apply(map, y),
    );
    expectClose(apply(again, pointImage(123, 45)), apply(map, pointImage(123, 45)));
  });
});

describe("the view of a film", () => {
  it("fits the whole film in, however it is turned", () => {
    for (const quarterTurns of [0, 1, 2, 3] as const) {
      const map = canvasFromImage(
        fitView(film, canvas, { quarterTurns, flipped: false }),
        film,
        canvas,
      );
      for (const corner of [pointImage(-0.5, -0.5), pointImage(1699.5, 1999.5)]) {
        const [x, y] = apply(map, corner);
        expect(x).toBeGreaterThanOrEqual(-1e-6);
        expect(y).toBeGreaterThanOrEqual(-1e-6);
        expect(x).toBeLessThanOrEqual(canvas.width + 1e-6);
        expect(y).toBeLessThanOrEqual(canvas.height + 1e-6);
      }
    }
  });

  it("keeps the film point under the cursor while zooming", () => {
    const random = seeded(11);
    for (let i = 0; i < 100; i += 1) {
      const view = randomView(random);
      const cursor = pointCanvas(random() * 900, random() * 700);
      const under = apply(invert(canvasFromImage(view, film, canvas)), cursor);
      const zoomed = zoomAt(view, film, canvas, cursor, 1.25);
      expectClose(apply(canvasFromImage(zoomed, film, canvas), under), cursor, 4);
    }
  });

  it("moves the film with the hand in every orientation", () => {
    const start = fitView(film, canvas);
    for (const quarterTurns of [0, 1, 2, 3] as const) {
      for (const flipped of [true, false]) {
        const view = { ...start, quarterTurns, flipped };
        const p = pointImage(850, 1000);
        const before = apply(canvasFromImage(view, film, canvas), p);
        const after = apply(
          canvasFromImage(panBy(view, film, canvas, 30, -20), film, canvas),
          p,
        );
        expectClose([after[0] - before[0], after[1] - before[1]], [30, -20]);
      }
    }
  });

  it("turns clockwise: what was at the top is at the right", () => {
    const view = turnClockwise(fitView(film, canvas));
    const [x, y] = apply(canvasFromImage(view, film, canvas), pointImage(849.5, 0));
    expect(x).toBeGreaterThan(canvas.width / 2 + 100);
    expect(y).toBeCloseTo(canvas.height / 2);
  });

  it("flips left to right as seen, even on a turned film", () => {
    const random = seeded(5);
    for (let i = 0; i < 40; i += 1) {
      const view = randomView(random);
      const p = pointImage(random() * 1700, random() * 2000);
      const [x, y] = apply(canvasFromImage(view, film, canvas), p);
      const flipped = apply(canvasFromImage(flipOnScreen(view), film, canvas), p);
      expectClose(flipped, [canvas.width - x, y], 4);
    }
  });

  it("shows pixels that are not square at their true shape", () => {
    const tall = { rows: 100, columns: 100, pixelAspect: pixelAspectOf([0.4, 0.2]) };
    const map = canvasFromImage(fitView(tall, canvas), tall, canvas);
    expect(map.d / map.a).toBeCloseTo(2);
  });
});

describe("measures", () => {
  it("give millimetres from row and column spacing", () => {
    expect(lengthMm(pointImage(0, 0), pointImage(30, 40), [0.1, 0.1])).toBeCloseTo(5);
    expect(lengthMm(pointImage(0, 0), pointImage(30, 0), [9, 0.2])).toBeCloseTo(6);
  });

  it("refuse millimetres without spacing", () => {
    expect(lengthMm(pointImage(0, 0), pointImage(30, 40), null)).toBeNull();
  });

  it("give angles between 0 and 180 degrees", () => {
    const [o, x] = [pointImage(0, 0), pointImage(5, 0)];
    expect(angleDeg(x, o, pointImage(0, 3), null)).toBeCloseTo(90);
    expect(angleDeg(x, o, pointImage(-3, 0), null)).toBeCloseTo(180);
    expect(angleDeg(x, o, pointImage(3, -3), [2, 1])).toBeCloseTo(63.4349, 3);
    expect(angleDeg(x, o, o, null)).toBeNull();
  });

  it("choose a round scale bar that fits", () => {
    expect(scaleBar(0.5, 150)).toEqual({ mm: 50, px: 100 });
    expect(scaleBar(0, 150)).toBeNull();
  });
});

describe("regions", () => {
  it("span a box from corners in any order", () => {
    const box = boxFromCorners(pointImage(9, 2), pointImage(3, 8));
    expect(box).toEqual({ min: [3, 2], max: [9, 8] });
  });

  it("stay on the film", () => {
    expect(clampToFilm(pointImage(-4, 5000), 2000, 1700)).toEqual([0, 1999]);
  });

  it("have the area of a triangle by the shoelace formula", () => {
    expect(areaPx([pointImage(0, 0), pointImage(10, 0), pointImage(0, 6)])).toBe(30);
  });

  it("lose points on straight stretches only", () => {
    const line = [0, 1, 2, 3, 4].map((x) => pointImage(x, 0));
    const corner = [...line, pointImage(4, 3)];
    expect(simplify(corner, 0.5)).toEqual([
      [0, 0],
      [4, 0],
      [4, 3],
    ]);
  });
});

describe("contour lines", () => {
  const cone = (size: number, cx: number, cy: number, slope: number) => {
    const values = new Float32Array(size * size);
    for (let r = 0; r < size; r += 1) {
      for (let c = 0; c < size; c += 1) {
        values[r * size + c] = Math.max(0, 1 - Math.hypot(c - cx, r - cy) * slope);
      }
    }
    return { rows: size, columns: size, values };
  };

  it("of a cone are one closed circle of the analytic radius", () => {
    const lines = contourLines(cone(41, 20, 20, 0.05), 0.5);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.closed).toBe(true);
    for (const [c, r] of lines[0]?.points ?? []) {
      expect(Math.hypot(c - 20, r - 20)).toBeCloseTo(10, 1);
    }
  });

  it("close along the border where the hot area touches it", () => {
    const lines = contourLines(cone(21, 0, 10, 0.1), 0.5);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.closed).toBe(true);
  });

  it("of two islands are two lines, and of a flat grid none", () => {
    const two = { rows: 3, columns: 7, values: new Float32Array(21) };
    two.values[8] = 1;
    two.values[12] = 1;
    expect(contourLines(two, 0.5)).toHaveLength(2);
    expect(contourLines({ rows: 3, columns: 3, values: new Float32Array(9) }, 0.5)).toEqual([]);
  });

  it("of a grid that is hot all over are none, for it has no place", () => {
    const hot = { rows: 3, columns: 3, values: new Float32Array(9).fill(0.9) };
    expect(contourLines(hot, 0.5)).toEqual([]);
    hot.values[4] = 0.1;
    expect(contourLines(hot, 0.5)).toHaveLength(2);
  });

  it("are all closed on random grids, saddles included", () => {
    const random = seeded(23);
    for (let i = 0; i < 30; i += 1) {
      const values = Float32Array.from({ length: 64 }, () => random());
      for (const line of contourLines({ rows: 8, columns: 8, values }, 0.5)) {
        expect(line.closed).toBe(true);
      }
    }
  });
});
