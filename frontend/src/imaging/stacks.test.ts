import { describe, expect, it } from "vitest";

import { stackHeads, stackOf, type StackImage } from "./stacks";

const image = (id: string, over: Partial<StackImage> = {}): StackImage => ({
  id,
  series_id: "s",
  rows: 512,
  columns: 512,
  frame_count: 1,
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

  it("is never made of the views of a radiograph, nor of images of another size", () => {
    expect(ids(stackOf({ modality: "DX", images: slices }, "b"))).toEqual(["b"]);
    const mixed = [...slices, image("d", { rows: 400 })];
    expect(ids(stackOf({ modality: "CT", images: mixed }, "b"))).toEqual(["b"]);
  });

  it("is the frames of a film that has several, whatever it is", () => {
    const cine = { modality: "XA", images: [image("a", { frame_count: 3 })] };
    expect(stackOf(cine, "a").map((place) => place.frame)).toEqual([0, 1, 2]);
  });

  it("is empty for an image the study does not hold", () => {
    expect(stackOf({ modality: "CT", images: slices }, "z")).toEqual([]);
  });
});
