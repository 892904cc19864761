import { describe, expect, it } from "vitest";
import { apply, pointGrid, pointImage, type FilmShape } from "@/geometry";
import {
  CONTOUR_LEVELS,
  decodeHeatmap,
  hasNoLocation,
  HeatmapError,
  isUnreliable,
} from "./heatmap";
import { mapValueAt } from "./Readout";
import {
  boxProblem,
  boxRegion,
  describeRegion,
  freehandRegion,
  regionOutline,
} from "./regions";
import { initialViewer, viewerReducer, type Look, type ViewerState } from "./state";
import { viridis } from "./viridis";

const shape: FilmShape = { rows: 2000, columns: 1700, pixelAspect: [1, 1] };
const look: Look = { window: { center: 2048, width: 4096 }, voi: "LINEAR", inverted: false };

function ready(): ViewerState {
  const sized = viewerReducer(initialViewer, {
    type: "size",
    size: { width: 850, height: 1000 },
  });
  return viewerReducer(sized, { type: "film", shape, look, keep: false });
}

describe("the viewer", () => {
  it("fits a new film, whichever of size and film comes first", () => {
    const other = viewerReducer(
      viewerReducer(initialViewer, { type: "film", shape, look, keep: false }),
      { type: "size", size: { width: 850, height: 1000 } },
    );
    expect(ready().view?.zoom).toBe(0.5);
    expect(other.view).toEqual(ready().view);
  });

  it("keeps fitting while nobody has zoomed, and stops then", () => {
    const smaller = { type: "size", size: { width: 425, height: 500 } } as const;
    expect(viewerReducer(ready(), smaller).view?.zoom).toBe(0.25);
    const zoomed = viewerReducer(ready(), { type: "zoom", factor: 2 });
    expect(viewerReducer(zoomed, smaller).view?.zoom).toBe(1);
  });

  it("keeps window and view when the next frame of a stack is shown", () => {
    const zoomed = viewerReducer(ready(), { type: "zoom", factor: 2 });
    const dragged = viewerReducer(zoomed, { type: "window", dWidth: 100, dCenter: -50 });
    const next = viewerReducer(dragged, { type: "film", shape, look, keep: true });
    expect(next.view).toEqual(dragged.view);
    expect(next.look?.window).toEqual({ center: 1998, width: 4196 });
  });

  it("never makes a window narrower than the standard allows", () => {
    const state = viewerReducer(ready(), { type: "window", dWidth: -99999, dCenter: 0 });
    expect(state.look?.window.width).toBe(1);
  });

  it("is as it was after reset", () => {
    const actions = [
      { type: "turn" },
      { type: "flip" },
      { type: "invert" },
      { type: "zoom", factor: 3 },
      { type: "window", dWidth: 10, dCenter: 10 },
      { type: "reset" },
    ] as const;
    const state = actions.reduce<ViewerState>(viewerReducer, ready());
    expect(state.view).toEqual(ready().view);
    expect(state.look).toEqual(look);
  });

  it("is as it was after four turns, and after two flips", () => {
    const turn = { type: "turn" } as const;
    const flip = { type: "flip" } as const;
    const turned = [turn, turn, turn, turn].reduce<ViewerState>(viewerReducer, ready());
    expect(turned.view).toEqual(ready().view);
    expect([flip, flip].reduce<ViewerState>(viewerReducer, ready()).view).toEqual(ready().view);
  });

  it("keeps its measures when the reader comes back to the film", () => {
    const points = [pointImage(0, 0), pointImage(3, 4)];
    const one = viewerReducer(ready(), { type: "measure", kind: "length", at: "i#0", points });
    const other = viewerReducer(one, { type: "film", shape, look, keep: false });
    expect(other.measures).toEqual(one.measures);
  });
});

describe("regions", () => {
  const film = { rows: 100, columns: 200 };

  it("are boxes of whole pixels on the film, corners in any order", () => {
    const region = boxRegion("i", 0, pointImage(250, 40.4), pointImage(9.6, -7), film);
    expect(region?.points).toEqual([
      [10, 0],
      [199, 40],
    ]);
    expect(region && regionOutline(region)).toHaveLength(4);
    expect(region && describeRegion(region)).toBe("Box, column 10 to 199, row 0 to 40");
  });

  it("are not made by a slip of the hand", () => {
    expect(boxRegion("i", 0, pointImage(5, 5), pointImage(6, 50), film)).toBeNull();
    const dot = [pointImage(5, 5), pointImage(6, 5), pointImage(6, 6)];
    expect(freehandRegion("i", 0, dot, film, 0.5)).toBeNull();
  });

  it("drawn by hand keep their corners", () => {
    const square = [0, 10, 20, 30].flatMap((x) => [pointImage(x, 0)]);
    const outline = [...square, pointImage(30, 30), pointImage(0, 30), pointImage(0, 2)];
    expect(freehandRegion("i", 2, outline, film, 0.5)).toMatchObject({
      frame: 2,
      kind: "freehand",
      points: [
        [0, 0],
        [30, 0],
        [30, 30],
        [0, 30],
        [0, 2],
      ],
    });
  });

  it("given by numbers are refused with the reason", () => {
    expect(boxProblem({ left: 1, top: 1, right: 20, bottom: 20 }, film)).toBeNull();
    expect(boxProblem({ left: 1, top: 1, right: 200, bottom: 20 }, film)).toMatch(/0 to 199/);
    expect(boxProblem({ left: 1, top: 1.5, right: 20, bottom: 20 }, film)).toMatch(/whole/);
    expect(boxProblem({ left: 20, top: 1, right: 1, bottom: 20 }, film)).toMatch(/at least/);
  });
});

describe("heatmaps", () => {
  const base64 = (values: number[]): string =>
    btoa(String.fromCharCode(...new Uint8Array(new Float32Array(values).buffer)));
  const out = {
    rows: 3,
    columns: 3,
    spacing_px: [10, 20] as [number, number],
    origin_px: [5, 8] as [number, number],
    values: base64([0, 0, 0, 0, 1, 0, 0, 0, 0]),
    reliability: base64([1, 1, 1, 0.2, 0.5, 1, 1, 1, 1]),
  };

  it("lie where their origin and spacing say: row first in the contract, column first here", () => {
    const map = decodeHeatmap(out);
    expect(apply(map.imageFromGrid, pointGrid(2, 1))).toEqual([48, 15]);
    expect(map.peak).toBe(1);
  });

  it("carry one closed line per level around a single hot cell", () => {
    const map = decodeHeatmap(out);
    expect(map.contours.map((c) => c.level)).toEqual([...CONTOUR_LEVELS]);
    expect(map.contours.every((c) => c.closed)).toBe(true);
  });

  it("know which cells not to lean on", () => {
    const map = decodeHeatmap(out);
    expect(isUnreliable(map, 3)).toBe(true);
    expect(isUnreliable(map, 4)).toBe(false);
    expect(isUnreliable(decodeHeatmap({ ...out, reliability: null }), 3)).toBe(false);
  });

  it("know when a finding has no place: nowhere hot, or hot all over", () => {
    const of = (values: number[]) =>
      hasNoLocation(decodeHeatmap({ ...out, values: base64(values) }));
    expect(of([0, 0, 0, 0, 1, 0, 0, 0, 0])).toBe(false);
    expect(of(Array<number>(9).fill(0.2))).toBe(true);
    expect(of(Array<number>(9).fill(0.8))).toBe(true);
    expect(of([0.1, 0.1, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8])).toBe(false);
  });

  it("give the number under the pointer, none beside the map", () => {
    const map = decodeHeatmap(out);
    // Cell [1, 1] has its centre at column 28, row 15.
    expect(mapValueAt(map, pointImage(33, 12))).toBe(1);
    expect(mapValueAt(map, pointImage(8, 5))).toBe(0);
    expect(mapValueAt(map, pointImage(200, 5))).toBeNull();
  });

  it("that were cut short are refused", () => {
    expect(() => decodeHeatmap({ ...out, values: base64([1, 2]) })).toThrow(HeatmapError);
  });

  it("use viridis: dark violet to yellow, brighter all the way", () => {
    expect(viridis(0)).toEqual([68, 1, 84]);
    expect(viridis(1)).toEqual([253, 231, 37]);
    const luma = (v: number) => {
      const [r, g, b] = viridis(v);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (let i = 1; i <= 32; i += 1) expect(luma(i / 32)).toBeGreaterThan(luma((i - 1) / 32));
  });
});
