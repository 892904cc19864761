import { describe, expect, it } from "vitest";

import type { ImageRef } from "@/api/types";

import { cornerFacts, flaggedHeads, flaggedIn, stackHeads, stackOf } from "./stacks";

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

const ids = (places: readonly { imageId: string }[]) => places.map((place) => place.imageId);

describe("a stack", () => {
  const slices = ["a", "b", "c"].map((id) => image(id));

  it("is the images of one series of a cross-section, in their order", () => {
    const ct = { modality: "CT", images: [image("scout", { series_id: "t" }), ...slices] };
    expect(ids(stackOf(ct, "b"))).toEqual(["a", "b", "c"]);
    expect(ids(stackOf(ct, "scout"))).toEqual(["scout"]);
    expect(stackHeads(ct).map(({ id }) => id)).toEqual(["scout", "a"]);
  });

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

  it("is never made of the views of a radiograph, nor of images of another size", () => {
    expect(ids(stackOf({ modality: "DX", images: slices }, "b"))).toEqual(["b"]);
    const mixed = [...slices, image("d", { rows: 400 })];
    expect(ids(stackOf({ modality: "CT", images: mixed }, "b"))).toEqual(["b"]);
  });

  it("is the frames of a film that has several, whatever it is", () => {
    const cine = { modality: "XA", images: [image("a", { frame_count: 3 })] };
    expect(stackOf(cine, "a").map((place) => place.frame)).toEqual([0, 1, 2]);
  });

  it("is empty for an image the case does not hold", () => {
    expect(stackOf({ modality: "CT", images: slices }, "z")).toEqual([]);
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
