import { describe, expect, it } from "vitest";

import type { ImageRef } from "@/api/types";
import { stackOf } from "@/imaging";

import { comparePath, cornerFacts, flaggedHeads, flaggedIn } from "./stacks";

const image = (id: string, over: Partial<ImageRef> = {}): ImageRef => ({
  id,
  series_id: "s",
  rows: 512,
  columns: 512,
  frame_count: 1,
  format: "dicom",
  view: "",
  laterality: "",
  file_name: "",
  ...over,
});

describe("a stack", () => {
  const slices = ["a", "b", "c"].map((id) => image(id));

  it("tells where its flagged slices lie, and the strip that it holds one", () => {
    const ct = { modality: "CT", images: [image("scout", { series_id: "t" }), ...slices] };
    const flagged = new Set(["c"]);
    expect(flaggedIn(stackOf(ct, "a"), flagged)).toEqual([2]);
    expect([...flaggedHeads(ct, flagged)]).toEqual(["a"]);
    expect([...flaggedHeads(ct, new Set())]).toEqual([]);
    // Which frame of one image it is, no lane says.
    const cine = { modality: "XA", images: [image("a", { frame_count: 3 })] };
    expect(flaggedIn(stackOf(cine, "a"), new Set(["a"]))).toEqual([]);
  });
});

describe("the corners", () => {
  it("say who and what, and nothing that is not known", () => {
    const facts = cornerFacts({
      patient: { name: "DEMO^Anna", patient_id: "D-1", age_years: null, sex: "F" },
      description: "Chest PA",
      study_date: null,
      accession_number: "",
      modality: "CR",
      manufacturer: "",
    });
    expect(facts.patient.slice(0, 2)).toEqual(["DEMO, Anna", "D-1"]);
    expect(facts.study.filter((line) => line !== "")).toEqual(["Chest PA", "CR"]);
  });
});

describe("Compare", () => {
  it("begins at the slice the reader looks at, and of a film at the film", () => {
    const stack = ["a", "b"].map((imageId) => ({ imageId, frame: 0 }));
    const at = { imageId: "b", frame: 0 };
    expect(comparePath("c", { ...at, stack })).toBe("/cases/c/compare?image=b&frame=0");
    expect(comparePath("c", { ...at, stack: [at] })).toBe("/cases/c/compare");
  });
});
