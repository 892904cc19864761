import { describe, expect, it } from "vitest";

import {
  changePair,
  lineOf,
  linkStacks,
  nearest,
  offsetOf,
  pairOf,
  placesAhead,
  startPair,
  type ComparedStack,
  type PairAction,
  type PairState,
  type PlacedImage,
} from "./comparePairs";

interface Made {
  readonly frame?: string;
  readonly normal?: readonly number[];
}

/** A stack of single images at the places given; null: its file does not say where. */
function stackAt(
  name: string,
  places: readonly (number | null)[],
  { frame = "f", normal = [0, 0, 1] }: Made = {},
): ComparedStack {
  const images: PlacedImage[] = places.map((at, i) => ({
    id: `${name}${i}`,
    plane: at === null ? null : { frame_of_reference: frame, normal, positions_mm: [at] },
  }));
  return { places: images.map(({ id }) => ({ imageId: id, frame: 0 })), images };
}

/** A stack whose files say nothing. */
const plain = (name: string, count: number) =>
  stackAt(
    name,
    Array.from({ length: count }, () => null),
  );

const range = (count: number, step = 1, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i * step);

/** Both stacks, and what is on screen after each action: "first/other", "!" where none is. */
function scroller(
  first: ComparedStack,
  other: ComparedStack,
  [at, otherAt]: readonly [number, number | null] = [0, null],
) {
  const linking = linkStacks(first, other);
  let state: PairState = startPair(linking, at, otherAt);
  const shown = () => {
    const pair = pairOf(linking, state);
    const mark = (isHere: boolean) => (isHere ? "" : "!");
    return `${pair.first}${mark(pair.isFirstHere)}/${pair.other}${mark(pair.isOtherHere)}`;
  };
  const act = (action: PairAction) => {
    state = changePair(linking, state, action);
    return shown();
  };
  const step = (steps: number, side?: "first" | "other") =>
    act(side === undefined ? { type: "step", steps } : { type: "step", steps, side });
  return { linking, shown, act, step, state: () => state };
}

describe("what two stacks are scrolled by", () => {
  it("is their place, where both say it in one frame of reference", () => {
    const linked = linkStacks(stackAt("a", [0, 5, 10]), stackAt("b", [2, 7, 12]));
    expect(linked).toEqual({ basis: "place", first: [0, 5, 10], other: [2, 7, 12] });
  });

  it("is the distance, where each says it in its own", () => {
    const other = stackAt("b", [2, 7, 12], { frame: "g" });
    expect(linkStacks(stackAt("a", [0, 5, 10]), other).basis).toBe("distance");
    const unnamed = { frame: "" };
    const both = [stackAt("a", [0, 5], unnamed), stackAt("b", [0, 5], unnamed)] as const;
    expect(linkStacks(...both).basis).toBe("distance");
  });

  it("runs the same way of the patient, however the normals point", () => {
    const turned = stackAt("b", [-12, -7, -2], { normal: [0, 0, -1] });
    expect(linkStacks(stackAt("a", [0, 5, 10]), turned).other).toEqual([12, 7, 2]);
  });

  it("is the number, where the files do not say enough", () => {
    const good = stackAt("a", [0, 5, 10]);
    const basis = (other: ComparedStack) => linkStacks(good, other).basis;
    expect(basis(plain("b", 3))).toBe("number");
    expect(basis(stackAt("b", [0, null, 10]))).toBe("number");
    // Two phases at each place have no order by place.
    expect(basis(stackAt("b", [0, 0, 5, 5]))).toBe("number");
    expect(basis(stackAt("b", [0, 5, 3]))).toBe("number");
    expect(basis(stackAt("b", [0, 5, 10], { normal: [0, 1, 0] }))).toBe("number");
    // A single film of another frame has a way to nothing.
    expect(basis(stackAt("b", [5], { frame: "g" }))).toBe("number");
    expect(basis(stackAt("b", [5]))).toBe("place");
    // Planes tilted by 5 degrees are not at one place all over.
    const tilted = [0, Math.sin(0.0873), Math.cos(0.0873)];
    expect(basis(stackAt("b", [0, 5, 10], { normal: tilted }))).toBe("distance");
  });

  it("is nothing that only some of a stack's images say", () => {
    const mixed = stackAt("a", [0, 5]);
    const [one, two] = mixed.images;
    const images = [one, { ...two, plane: { ...two?.plane, frame_of_reference: "g" } }];
    expect(lineOf({ ...mixed, images: images as PlacedImage[] })).toBeNull();
    expect(lineOf({ ...mixed, images: [] })).toBeNull();
  });

  it("is told of the frames of one image too", () => {
    const plane = { frame_of_reference: "f", normal: [0, 0, 1], positions_mm: [30, 25, 20] };
    const places = [0, 1, 2].map((frame) => ({ imageId: "a", frame }));
    expect(lineOf({ places, images: [{ id: "a", plane }] })?.positionsMm).toEqual([30, 25, 20]);
  });
});

describe("the nearest slice", () => {
  it("is found in rising and falling lists, beyond both ends", () => {
    const up = range(9, 5);
    const down = [...up].reverse();
    for (const at of [-100, -1, 0, 2, 3, 17, 22.6, 40, 41, 900]) {
      const off = up.map((place) => Math.abs(place - at));
      const best = off.indexOf(Math.min(...off));
      expect(nearest(up, at)).toBe(best);
      expect(nearest(down, at)).toBe(8 - best);
    }
    expect(nearest([3], 9)).toBe(0);
  });
});

describe("linked by number", () => {
  it("both go on together, and end together", () => {
    const { shown, step } = scroller(plain("a", 5), plain("b", 5));
    expect(shown()).toBe("0/0");
    expect(step(1)).toBe("1/1");
    expect(step(2, "other")).toBe("3/3");
    expect(step(1_000_000)).toBe("4/4");
    expect(step(1)).toBe("4/4");
    expect(step(-1_000_000)).toBe("0/0");
  });

  it("the shorter one waits at its end, and says that it has no slice there", () => {
    const { step } = scroller(plain("a", 3), plain("b", 6));
    expect(step(2)).toBe("2/2");
    expect(step(1)).toBe("2!/3");
    expect(step(9)).toBe("2!/5");
    expect(step(-3)).toBe("2/2");
  });

  it("an offset set by hand is kept, also over the ends", () => {
    const { act, step, state } = scroller(plain("a", 10), plain("b", 6));
    act({ type: "link" });
    expect(step(2, "other")).toBe("0/2");
    expect(act({ type: "link" })).toBe("0/2");
    expect(offsetOf(state())).toBe(2);
    expect(step(3, "first")).toBe("3/5");
    expect(step(4)).toBe("7/5!");
    expect(step(-4)).toBe("3/5");
    // What the other has before the first one's beginning is reached as well.
    expect(step(-1_000_000)).toBe("0!/0");
    expect(step(2)).toBe("0/2");
    expect(act({ type: "restart" })).toBe("0/0");
    expect(offsetOf(state())).toBe(0);
  });

  it("a slider moves both, not linked only its own", () => {
    const { act } = scroller(plain("a", 10), plain("b", 10));
    expect(act({ type: "go", to: 7, side: "other" })).toBe("7/7");
    act({ type: "link" });
    expect(act({ type: "go", to: 2, side: "first" })).toBe("2/7");
    act({ type: "link" });
    expect(act({ type: "go", to: 4, side: "first" })).toBe("4/9");
  });

  it("begins with the pair that the lane found", () => {
    const { shown, step, state } = scroller(plain("a", 10), plain("b", 10), [4, 6]);
    expect(shown()).toBe("4/6");
    expect(step(1)).toBe("5/7");
    expect(offsetOf(state())).toBe(0);
  });

  it("a film stays beside the slices of a stack", () => {
    const { step } = scroller(plain("a", 1), plain("b", 4));
    expect(step(2, "other")).toBe("0/2");
    expect(step(1_000_000)).toBe("0/3");
  });
});

describe("each by itself", () => {
  it("the keys scroll the one that was scrolled last, or was chosen", () => {
    const { act, step } = scroller(plain("a", 10), plain("b", 10));
    act({ type: "link" });
    expect(step(1)).toBe("1/0");
    expect(step(3, "other")).toBe("1/3");
    expect(step(1)).toBe("1/4");
    act({ type: "side", to: "first" });
    expect(step(1)).toBe("2/4");
    // Nothing claims that they belong together.
    expect(step(1_000_000, "first")).toBe("9/4");
  });
});

describe("linked by place", () => {
  const fine = stackAt("a", range(21));
  const coarse = stackAt("b", range(5, 5));

  it("the nearest slice stands beside, whichever is scrolled", () => {
    const { step } = scroller(fine, coarse);
    expect(step(2)).toBe("2/0");
    expect(step(1)).toBe("3/1");
    expect(step(1, "other")).toBe("10/2");
    expect(step(-1, "other")).toBe("5/1");
    expect(step(1_000_000, "first")).toBe("20/4");
  });

  it("no other slice than the one there: where none is, it says so", () => {
    const { step } = scroller(stackAt("a", range(30)), coarse);
    expect(step(22)).toBe("22/4");
    expect(step(1)).toBe("23/4!");
    const gap = scroller(stackAt("c", range(9, 5)), stackAt("d", [0, 5, 10, 15, 30, 35, 40]));
    expect(gap.step(3)).toBe("3/3");
    expect(gap.step(1)).toBe("4/3!");
    expect(gap.step(1)).toBe("5/4!");
    expect(gap.step(1)).toBe("6/4");
  });

  it("begins at the same place, in stacks numbered against each other too", () => {
    const falling = stackAt("b", range(21, -1, 20));
    const { shown, step } = scroller(fine, falling, [4, null]);
    expect(shown()).toBe("4/16");
    expect(step(1)).toBe("5/15");
    expect(step(1, "other")).toBe("4/16");
    expect(step(1_000_000, "other")).toBe("0/20");
  });

  it("a step never leaves both as they were", () => {
    const { step, shown } = scroller(fine, stackAt("b", range(21, 1, 0.3)));
    const seen = [shown()];
    for (let i = 0; i < 20; i += 1) seen.push(step(1));
    expect(new Set(seen).size).toBe(21);
    expect(seen.at(-1)).toBe("20/20");
  });
});

describe("linked by distance", () => {
  it("begins end on end, and keeps pace in mm", () => {
    const other = stackAt("b", range(5, 5, -700), { frame: "g" });
    const { shown, step } = scroller(stackAt("a", range(21)), other);
    expect(shown()).toBe("0/0");
    expect(step(10)).toBe("10/2");
  });

  it("begins at the same end of the patient where the numbers run against each other", () => {
    const other = stackAt("b", range(21, -1, 900), { frame: "g" });
    const { shown, step } = scroller(stackAt("a", range(21)), other);
    expect(shown()).toBe("0/20");
    expect(step(5)).toBe("5/15");
  });

  it("tells in mm what was moved by hand", () => {
    const other = stackAt("b", range(9, 2.5, 100), { frame: "g" });
    const { act, step, state } = scroller(stackAt("a", range(9, 2.5)), other);
    act({ type: "link" });
    step(2, "other");
    act({ type: "link" });
    expect(offsetOf(state())).toBe(5);
    expect(step(1, "first")).toBe("1/3");
  });
});

describe("what is fetched ahead", () => {
  const ids = (places: readonly { imageId: string }[]) => places.map((place) => place.imageId);

  it("is both slices of the next pairs, the nearest first, each once", () => {
    const [first, other] = [plain("a", 30), plain("b", 3)];
    const linking = linkStacks(first, other);
    const ahead = (state: PairState) =>
      ids(placesAhead(linking, state, first.places, other.places));
    expect(ahead(startPair(linking, 1, null)).slice(0, 4)).toEqual(["a2", "b2", "a0", "b0"]);
    expect(ahead(startPair(linking, 1, null))).toHaveLength(11 + 2);
    const alone = { ...startPair(linking, 5, null), isLinked: false };
    expect(ahead(alone).slice(0, 3)).toEqual(["a6", "a4", "a7"]);
  });
});
