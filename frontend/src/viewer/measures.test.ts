import { describe, expect, it } from "vitest";
import type { ImageMeta } from "@/api/types";
import {
  pointCanvas,
  pointImage,
  type Affine,
  type PointCanvas,
  type PointImage,
} from "@/geometry";
import { decodeFrame } from "@/imaging";
import { placePoint } from "./drawing";
import {
  handlesOf,
  hitMeasure,
  measureLines,
  moveAll,
  moveHandle,
  outlineOf,
  probeLines,
  sizeText,
  type Measure,
} from "./measures";
import { pointsProblem } from "./MeasureDialog";
import { initialViewer, viewerReducer, type ViewerAction, type ViewerState } from "./state";

const DISPLAY: ImageMeta["display"] = {
  modality: "CT",
  value_unit: "HU",
  orientation: null,
  spacing_frame: "patient",
  technique: [],
};

/** Ten by ten: stored value = 10 x row + column; HU = 2 x stored - 100. */
function film(over: Partial<ImageMeta> = {}) {
  const meta: ImageMeta = {
    id: "i",
    rows: 10,
    columns: 10,
    frame_count: 1,
    samples: 1,
    bits_stored: 8,
    is_signed: false,
    dtype: "uint8",
    photometric: "MONOCHROME2",
    slope: 2,
    intercept: -100,
    windows: [],
    voi_function: "LINEAR",
    spacing_mm: [0.5, 0.5],
    spacing_note: "",
    pixel_min: 0,
    pixel_max: 99,
    display: DISPLAY,
    ...over,
  };
  return decodeFrame(Uint8Array.from({ length: 100 }, (_, i) => i).buffer, meta, 0);
}

const measure = (kind: Measure["kind"], ...points: [number, number][]): Measure => ({
  id: 1,
  kind,
  at: "i#0",
  points: points.map(([x, y]) => pointImage(x, y)),
  text: "",
});

/** Film pixels times ten. */
const place: Affine<PointImage, PointCanvas> = { a: 10, b: 0, c: 0, d: 10, e: 0, f: 0 };

describe("an area", () => {
  it("says its size, mean, spread and range in the file's unit", () => {
    // Stored 22 23 24, 32 33 34: mean 28, HU -44; sample SD of those six is 5.5498, twice 11.1.
    expect(measureLines(measure("rectangle", [2, 2], [4, 3]), film())).toEqual([
      "0.5 mm²",
      "mean -44 HU, SD 11.1",
      "min -56, max -32",
    ]);
  });

  it("is the same whichever corners it was drawn from", () => {
    const lines = measureLines(measure("ellipse", [1, 1], [7, 5]), film());
    expect(measureLines(measure("ellipse", [7, 1], [1, 5]), film())).toEqual(lines);
    expect(lines[0]).toBe("4.7 mm²");
  });

  it("is in square pixels without spacing, and has no unit the file does not give", () => {
    const plain = film({
      spacing_mm: null,
      slope: 1,
      intercept: 0,
      display: { ...DISPLAY, value_unit: "", spacing_frame: "none" },
    });
    expect(measureLines(measure("rectangle", [2, 2], [4, 3]), plain)).toEqual([
      "2 px²",
      "mean 28, SD 5.55",
      "min 22, max 34",
    ]);
  });

  it("beside the film has no pixels to count", () => {
    expect(measureLines(measure("rectangle", [20, 20], [40, 30]), film())).toEqual([
      "50.0 mm²",
    ]);
  });
});

describe("a length", () => {
  const across = measure("length", [0, 0], [6, 8]);

  it("says whether it holds in the patient, at the detector, or who knows where", () => {
    const text = (spacing_frame: ImageMeta["display"]["spacing_frame"]) =>
      sizeText(across, film({ display: { ...DISPLAY, spacing_frame } }));
    expect(text("patient")).toBe("5.0 mm");
    expect(text("calibrated")).toBe("5.0 mm");
    expect(text("detector")).toBe("5.0 mm det.");
    expect(text("unstated")).toBe("5.0 mm unc.");
  });

  it("is in pixels where the spacing cannot be trusted", () => {
    expect(sizeText(across, film({ spacing_mm: null }))).toBe("10 px");
  });
});

describe("a probe", () => {
  it("says column, row, stored value and what the file means by it", () => {
    expect(probeLines(film(), pointImage(3.4, 6.6))).toEqual([
      "column 3, row 7",
      "stored 73",
      "value 46 HU",
    ]);
    expect(probeLines(film(), pointImage(-3, 2))).toEqual([]);
  });
});

describe("moving", () => {
  it("takes each corner of a box by its own handle", () => {
    const box = measure("rectangle", [2, 2], [6, 5]);
    expect(handlesOf(box)).toHaveLength(4);
    handlesOf(box).forEach((_, index) => {
      const points = moveHandle(box, index, pointImage(9, 9));
      const moved = handlesOf({ kind: "rectangle", points });
      expect(moved[index]).toEqual([9, 9]);
      // The corner across stays where it was.
      expect(moved[(index + 2) % 4]).toEqual(handlesOf(box)[(index + 2) % 4]);
    });
  });

  it("keeps the whole measure on the film, its shape unchanged", () => {
    const moved = moveAll(measure("length", [2, 2], [6, 5]).points, [50, -50], film().meta);
    expect(moved).toEqual([
      [5, 0],
      [9, 3],
    ]);
  });

  it("finds handles of the selected measure, else the line, never the inside", () => {
    const box = measure("rectangle", [2, 2], [6, 5]);
    const hit = (x: number, y: number, selected: number | null) =>
      hitMeasure([box], selected, pointCanvas(x, y), place);
    expect(hit(62, 48, 1)).toEqual({ id: 1, handle: 2 });
    expect(hit(62, 48, null)).toEqual({ id: 1, handle: null });
    expect(hit(40, 23, 1)).toEqual({ id: 1, handle: null });
    expect(hit(40, 35, 1)).toBeNull();
  });
});

describe("drawing", () => {
  it("needs as many points as the shape", () => {
    const one = placePoint(null, "ellipse", pointImage(1, 1));
    expect(one.done).toBeNull();
    expect(placePoint(one.draft, "ellipse", pointImage(4, 4)).done).toHaveLength(2);
    expect(placePoint(null, "probe", pointImage(1, 1)).done).toHaveLength(1);
    // An outline is closed by the hand, not by a count.
    expect(placePoint(one.draft, "area", pointImage(4, 4)).done).toBeNull();
  });

  it("an ellipse touches the sides of its box", () => {
    const xs = outlineOf(measure("ellipse", [2, 2], [6, 5])).map((p) => p[0]);
    expect(Math.min(...xs)).toBeCloseTo(2);
    expect(Math.max(...xs)).toBeCloseTo(6);
  });
});

describe("the viewer's measures", () => {
  const points = [pointImage(0, 0), pointImage(3, 4)];
  const add: ViewerAction = { type: "measure", kind: "length", at: "i#0", points };
  const run = (...actions: ViewerAction[]) =>
    actions.reduce<ViewerState>(viewerReducer, initialViewer);

  it("are selected when made and can be deleted, and undo brings them back", () => {
    const made = run(add);
    expect(made.selected).toBe(1);
    const gone = viewerReducer(made, { type: "delete-measure", id: 1 });
    expect(gone.measures).toEqual([]);
    expect(viewerReducer(gone, { type: "undo-measure" }).measures).toEqual(made.measures);
    expect(viewerReducer(made, { type: "undo-measure" }).measures).toEqual([]);
  });

  it("take a whole drag back at once", () => {
    const drag = (column: number, isNew: boolean): ViewerAction => ({
      type: "change-measure",
      id: 1,
      change: { points: [pointImage(column, 0), pointImage(3, 4)] },
      isNew,
    });
    const dragged = run(add, drag(1, true), drag(2, false), drag(3, false));
    expect(dragged.measures[0]?.points[0]).toEqual([3, 0]);
    expect(viewerReducer(dragged, { type: "undo-measure" }).measures[0]?.points).toEqual(
      points,
    );
  });

  it("never give an id twice", () => {
    const state = run(add, { type: "delete-measure", id: 1 }, add);
    expect(state.measures.map((m) => m.id)).toEqual([2]);
  });

  it("lose their selection to a drawing tool, so that arrows move its cross", () => {
    expect(run(add, { type: "tool", tool: "angle" }).selected).toBeNull();
    expect(run(add, { type: "tool", tool: "pan" }).selected).toBe(1);
  });
});

describe("points by numbers", () => {
  it("are refused with the reason", () => {
    expect(pointsProblem([["1", "2.5"]], film().meta)).toBeNull();
    expect(pointsProblem([["", "2"]], film().meta)).toMatch(/number/);
    expect(pointsProblem([["10", "2"]], film().meta)).toMatch(/0 to 9/);
    expect(pointsProblem([["1", "-1"]], film().meta)).toMatch(/Rows go from 0 to 9/);
  });
});
