import { describe, expect, it } from "vitest";

import type { ImageRef, Match, Prior } from "@/api/types";

import { groupMatches, otherOf, ownOf } from "./sides";

const image = (id: string, over: Partial<ImageRef> = {}): ImageRef => ({
  id,
  series_id: "s",
  rows: 9,
  columns: 9,
  frame_count: 1,
  format: "dicom",
  view: "",
  laterality: "",
  file_name: "",
  ...over,
});
const slices = (name: string) => [0, 1, 2, 3].map((i) => image(`${name}-s${i}`));
const PRIOR: Prior = {
  case_id: "p-1",
  study_date: "2026-03-12",
  received_at: "2026-03-12T08:00:00Z",
  modality: "CT",
  description: "",
  images: [],
};
const MATCH: Match = {
  image_id: "a",
  film: { id: "film-1", series_id: "t", rows: 9, columns: 9, frame_count: 5 },
  case_id: "x",
  first_seen: "2026-03-12T08:00:00Z",
  is_same_patient: false,
  is_exact: false,
  distance_bits: 3,
  transform: null,
};

describe("what lies on either side", () => {
  it("of films with several frames is each frame; a match begins at those looked at", () => {
    const detail = { modality: "XA", images: [image("a", { frame_count: 5 })] };
    const pair = { kind: "match", match: MATCH, imageId: "film-1" } as const;
    expect(ownOf(detail, pair, "a", 0, undefined).index).toBe(2);
    expect(otherOf(pair, undefined)).toMatchObject({ index: 2 });
    expect(otherOf(pair, undefined).stack.places).toHaveLength(5);
    expect(ownOf(detail, null, "a", 4, undefined).index).toBe(4);
    // A frame that is not there is no reason to show nothing.
    expect(ownOf(detail, null, "a", Number.NaN, undefined).index).toBe(0);
  });

  it("is a slice's stack, begun at the slice where one in the middle is asked for", () => {
    const prior = { ...PRIOR, images: slices("old") };
    const at = (imageId: string) => otherOf({ kind: "prior", prior, imageId }, undefined).index;
    expect([at("old-s0"), at("old-s2")]).toEqual([null, 2]);
  });

  it("of a film is that film, the first of the study or not", () => {
    const views = [image("pa"), image("lat")];
    const prior = { ...PRIOR, modality: "DX", images: views };
    const { stack } = otherOf({ kind: "prior", prior, imageId: "lat" }, undefined);
    expect(stack.places).toEqual([{ imageId: "lat", frame: 0 }]);
  });
});

describe("matches", () => {
  const match = (own: string, film: string, series = "t"): Match => ({
    ...MATCH,
    image_id: own,
    film: { ...MATCH.film, id: film, series_id: series },
  });
  const matches = [match("s0-s1", "x"), match("s0-s2", "y"), match("s0-s2", "z", "u")];
  const groups = (modality: string) =>
    groupMatches({ modality, images: slices("s0") }, matches).map((group) => group.length);

  it("of one stack with another are one line, those of films one each", () => {
    expect(groups("CT")).toEqual([2, 1]);
    expect(groups("DX")).toEqual([1, 1, 1]);
  });
});
