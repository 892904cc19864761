import { describe, expect, it } from "vitest";
import { edgeMarkers, oppositeSide } from "./orientation";
import { pointImage } from "./points";
import { shapeAreaPx, spansOf } from "./spans";
import { fitView, flipOnScreen, turnClockwise, type View } from "./view";

const film = { rows: 100, columns: 100, pixelAspect: [1, 1] } as const;
const upright: View = fitView(film, { width: 100, height: 100 });

describe("the sides of the patient", () => {
  // A chest film PA: columns run to the patient's left, rows to the feet.
  const chest = ["L", "F"] as const;

  it("stand where the file says", () => {
    expect(edgeMarkers(chest, upright)).toEqual({
      left: "R",
      right: "L",
      top: "H",
      bottom: "F",
    });
  });

  it("follow a turn: clockwise, the head goes to the right", () => {
    expect(edgeMarkers(chest, turnClockwise(upright))).toEqual({
      left: "F",
      right: "H",
      top: "R",
      bottom: "L",
    });
  });

  it("follow a flip on screen, also after a turn", () => {
    expect(edgeMarkers(chest, flipOnScreen(upright))).toMatchObject({ left: "L", top: "H" });
    expect(edgeMarkers(chest, flipOnScreen(turnClockwise(upright)))).toEqual({
      left: "H",
      right: "F",
      top: "R",
      bottom: "L",
    });
  });

  it("are opposite letter by letter", () => {
    expect(oppositeSide("LP")).toBe("RA");
    expect(oppositeSide("HAL")).toBe("FPR");
  });
});

describe("pixels inside a shape", () => {
  const points = (...list: [number, number][]) => list.map(([x, y]) => pointImage(x, y));
  const count = (kind: "rectangle" | "ellipse" | "polygon", ...list: [number, number][]) =>
    spansOf({ kind, points: points(...list) }, 200, 200).reduce(
      (sum, span) => sum + span.last - span.first + 1,
      0,
    );

  it("of a box are those with their centre in it", () => {
    expect(count("rectangle", [2, 3], [5, 4])).toBe(8);
    expect(count("rectangle", [1.5, 2.5], [5.4, 4.4])).toBe(8);
  });

  it("of an ellipse and a polygon come to its area", () => {
    const ellipse = { kind: "ellipse", points: points([20, 30], [140, 110]) } as const;
    expect(shapeAreaPx(ellipse)).toBeCloseTo(Math.PI * 60 * 40);
    expect(count("ellipse", [20, 30], [140, 110]) / shapeAreaPx(ellipse)).toBeCloseTo(1, 2);
    const triangle: [number, number][] = [
      [10, 10],
      [150, 20],
      [40, 160],
    ];
    const area = shapeAreaPx({ kind: "polygon", points: points(...triangle) });
    expect(area).toBe((140 * 150 - 30 * 10) / 2);
    expect(count("polygon", ...triangle) / area).toBeCloseTo(1, 2);
  });

  it("of a polygon do not count a corner on a row twice", () => {
    // A diamond: on row 5 its left and right corners lie exactly on the row.
    const diamond: [number, number][] = [
      [5, 0],
      [10, 5],
      [5, 10],
      [0, 5],
    ];
    const spans = spansOf({ kind: "polygon", points: points(...diamond) }, 50, 50);
    expect(spans.find((span) => span.row === 5)).toEqual({ row: 5, first: 0, last: 10 });
  });

  it("stay on the film", () => {
    expect(spansOf({ kind: "rectangle", points: points([-9, -9], [3, 1]) }, 50, 50)).toEqual([
      { row: 0, first: 0, last: 3 },
      { row: 1, first: 0, last: 3 },
    ]);
  });
});
