import { describe, expect, it } from "vitest";

import {
  affine,
  type Affine,
  type PointCanvas,
  type PointGrid,
  type PointImage,
} from "@/geometry";

import { boxesOver, labelPoint, legendSide } from "./legendPlace";

const at = (x: number, y: number) => [x, y] as unknown as PointCanvas;
const SIZE = { width: 800, height: 600 };
/** A film of 80 x 60 pixels over the whole viewport. */
const PLACE: Affine<PointImage, PointCanvas> = affine(10, 0, 0, 10, 5, 5);
const CELLS: Affine<PointGrid, PointImage> = affine(1, 0, 0, 1, 0, 0);

/** A map of one cell a film pixel, cold but for the cells given. */
function mapOf(...hot: readonly [column: number, row: number, value: number][]) {
  const values = new Float32Array(80 * 60);
  for (const [column, row, value] of hot) values[row * 80 + column] = value;
  return { columns: 80, values, imageFromGrid: CELLS };
}

describe("the legend of a map", () => {
  it("stands at the right while nothing hot lies there", () => {
    expect(legendSide(mapOf(), PLACE, SIZE)).toBe("right");
    expect(legendSide(mapOf([40, 40, 1]), PLACE, SIZE)).toBe("right");
    expect(legendSide(mapOf([78, 2, 0.2]), PLACE, SIZE)).toBe("right");
  });

  it("makes way for the hottest corner", () => {
    expect(legendSide(mapOf([78, 2, 0.9]), PLACE, SIZE)).toBe("left");
    expect(legendSide(mapOf([78, 2, 0.9], [2, 2, 0.5]), PLACE, SIZE)).toBe("left");
  });

  it("hides the cooler part where both corners are hot", () => {
    expect(legendSide(mapOf([78, 2, 0.5], [2, 2, 0.9]), PLACE, SIZE)).toBe("right");
  });

  it("goes by where the film lies, not by the map alone", () => {
    const flipped: Affine<PointImage, PointCanvas> = affine(-10, 0, 0, 10, 795, 5);
    expect(legendSide(mapOf([78, 2, 0.9]), flipped, SIZE)).toBe("right");
    expect(legendSide(mapOf([2, 2, 0.9]), flipped, SIZE)).toBe("left");
  });
});

describe("the number of a contour", () => {
  const outline = [at(50, 10), at(150, 40), at(150, 90), at(50, 90)];

  it("stands at the top", () => {
    expect(labelPoint(outline, [])).toEqual(at(50, 10));
  });

  it("makes way for text, to the next point down, or is left out", () => {
    const corner = { left: 0, top: 0, right: 90, bottom: 60 };
    expect(labelPoint(outline, [corner])).toEqual(at(150, 40));
    const all = { left: 0, top: 0, right: 200, bottom: 200 };
    expect(labelPoint(outline, [all])).toBeNull();
  });

  it("keeps its own width from the text", () => {
    const near = { left: 60, top: 0, right: 90, bottom: 60 };
    expect(labelPoint(outline, [near])).toEqual(at(150, 40));
  });

  it("leaves the name of a finding free", () => {
    const pane = document.createElement("div");
    pane.innerHTML = `<canvas></canvas><svg><text class="mark-label">Tamper</text></svg>`;
    const [canvas, name] = [pane.querySelector("canvas"), pane.querySelector("text")];
    if (canvas === null || name === null) throw new Error("no pane");
    canvas.getBoundingClientRect = () => new DOMRect(100, 50, 800, 600);
    name.getBoundingClientRect = () => new DOMRect(140, 65, 60, 15);
    const boxes = boxesOver(canvas);
    expect(boxes).toEqual([{ left: 40, top: 15, right: 100, bottom: 30 }]);
    expect(labelPoint([at(60, 20), at(160, 90)], boxes)).toEqual(at(160, 90));
  });
});
