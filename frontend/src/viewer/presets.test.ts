import { describe, expect, it } from "vitest";
import type { ImageMeta } from "@/api/types";
import {
  decodeFrame,
  initialWindow,
  isMadeUp,
  NO_WINDOW_LABEL,
  showsSomething,
} from "@/imaging";
import { currentPreset, fullRangeWindow, presetsFor } from "./presets";
import { indexInStack, placesAround, stepInStack } from "./stack";

function film(over: Partial<ImageMeta> = {}) {
  const meta: ImageMeta = {
    id: "i",
    rows: 10,
    columns: 10,
    frame_count: 1,
    samples: 1,
    bits_stored: 16,
    is_signed: false,
    dtype: "uint16",
    photometric: "MONOCHROME2",
    slope: 1,
    intercept: -1024,
    windows: [{ center: 40, width: 400, label: "SOFT" }],
    voi_function: "LINEAR",
    spacing_mm: null,
    spacing_note: "",
    pixel_min: 0,
    pixel_max: 1980,
    display: {
      modality: "CT",
      value_unit: "HU",
      orientation: null,
      spacing_frame: "patient",
      technique: [],
    },
    ...over,
  };
  return decodeFrame(Uint16Array.from({ length: 100 }, (_, i) => 20 * i).buffer, meta, 0);
}

const labels = (of: ReturnType<typeof film>) => presetsFor(of).map((p) => p.label);

describe("windows by name", () => {
  it("of a CT in HU are the file's, automatic, full range, then organs", () => {
    const found = labels(film());
    expect(found.slice(0, 3)).toEqual(["File: SOFT", "Automatic", "Full range"]);
    expect(found).toContain("Lung");
    expect(presetsFor(film()).find((p) => p.id === "lung")?.window).toEqual({
      center: -600,
      width: 1500,
    });
  });

  it("name no organ where values are not HU", () => {
    const { display } = film().meta;
    for (const over of [{ modality: "DX" }, { value_unit: "" }]) {
      expect(labels(film({ display: { ...display, ...over } }))).toEqual([
        "File: SOFT",
        "Automatic",
        "Full range",
      ]);
    }
  });

  it("do not pass the range the server made up off as the file's own window", () => {
    const full = fullRangeWindow(film());
    expect(full).toEqual({ center: -33.5, width: 1981 });
    const none = film({ windows: [{ ...full, label: NO_WINDOW_LABEL }] });
    expect(labels(none).slice(0, 2)).toEqual([
      "Full range, no window in the file",
      "Automatic",
    ]);
    expect(labels(none)).not.toContain("Full range");
    // Of a stack the server looked at the middle slice: this one's own range is another.
    const other = film({ windows: [{ center: 7, width: 99, label: NO_WINDOW_LABEL }] });
    expect(labels(other).slice(0, 3)).toEqual([NO_WINDOW_LABEL, "Automatic", "Full range"]);
    expect(isMadeUp(other.meta, { center: 7, width: 99 })).toBe(true);
    expect(isMadeUp(other.meta, { center: 8, width: 99 })).toBe(false);
  });

  it("call a full range that the file states the file's", () => {
    const stated = film({ windows: [{ ...fullRangeWindow(film()), label: "" }] });
    expect(labels(stated)[0]).toBe("The file's window");
  });

  it("keep the file's function for its own windows only", () => {
    const presets = presetsFor(film({ voi_function: "SIGMOID" }));
    expect(presets.map((p) => p.voi).slice(0, 2)).toEqual(["SIGMOID", "LINEAR"]);
  });

  it("are named while they are on, and not after a drag", () => {
    const presets = presetsFor(film());
    const look = { window: { center: 40, width: 80 }, voi: "LINEAR" } as const;
    expect(currentPreset(presets, look)?.label).toBe("Brain");
    expect(currentPreset(presets, { ...look, window: { center: 41, width: 80 } })).toBeNull();
  });
});

describe("the first window", () => {
  it("is the file's if it shows something", () => {
    expect(initialWindow(film())).toEqual({ center: 40, width: 400 });
  });

  it("is not the file's if that leaves nothing to see", () => {
    const lost = film({ windows: [{ center: 30_000, width: 100, label: "" }] });
    expect(showsSomething(lost, { center: 30_000, width: 100 }, "LINEAR")).toBe(false);
    expect(initialWindow(lost).width).toBeGreaterThan(1000);
  });
});

describe("a stack", () => {
  const stack = Array.from({ length: 30 }, (_, n) => ({ imageId: `s${n}`, frame: 0 }));

  it("ends at its ends", () => {
    expect(stepInStack(3, 1, 30)).toBe(4);
    expect(stepInStack(3, -1_000_000, 30)).toBe(0);
    expect(stepInStack(3, 1_000_000, 30)).toBe(29);
  });

  it("fetches the nearest slices first, forward before backward", () => {
    const around = placesAround(stack, 5).map((p) => p.imageId);
    expect(around.slice(0, 4)).toEqual(["s6", "s4", "s7", "s3"]);
    expect(new Set(around).size).toBe(around.length);
    expect(placesAround(stack, 29).map((p) => p.imageId)[0]).toBe("s28");
  });

  it("finds a slice by image and frame", () => {
    const frames = [0, 1, 2].map((frame) => ({ imageId: "a", frame }));
    expect(indexInStack(frames, { imageId: "a", frame: 2 })).toBe(2);
    expect(indexInStack(frames, { imageId: "b", frame: 0 })).toBe(-1);
  });
});
