import { describe, expect, it } from "vitest";

import { MAX_REGIONS } from "@/answering/marks";
import { findsWords, mapForKey, orderLanes, weightWords } from "@/answering/words";
import type { LaneEvidence, LaneName, RegionIn } from "@/api/types";

import {
  draftReducer,
  emptyDrafts,
  isSwitch,
  outcomeOf,
  sealBody,
  sealProblem,
  decisionBody,
  verdictProblem,
  type DraftAction,
  type Drafts,
} from "./machine";
import { filmLabel } from "./names";
import { decisionsFor } from "./words";

const region: RegionIn = {
  image_id: "i",
  frame: 0,
  kind: "box",
  points: [
    [1, 2],
    [30, 40],
  ],
};
const ready = { state: "ready", progress: { done: 6, total: 6 } } as const;

function after(...actions: DraftAction[]): Drafts {
  return actions.reduce(draftReducer, emptyDrafts);
}

describe("the first answer", () => {
  it("can be sealed once it has an answer and a confidence", () => {
    const answered = after({ type: "answer", answer: "suspicious" });
    expect(sealProblem(emptyDrafts.read, ready)).toBe("Choose an answer first.");
    expect(sealProblem(answered.read, ready)).toBe("Give your confidence, 1 to 5.");
    const whole = draftReducer(answered, { type: "confidence", confidence: 4 });
    expect(sealProblem(whole.read, ready)).toBeNull();
  });

  it("waits, with the count, while lanes are at work", () => {
    const whole = after(
      { type: "answer", answer: "authentic" },
      { type: "confidence", confidence: 2 },
    );
    const analysing = { state: "analysing", progress: { done: 4, total: 6 } } as const;
    expect(sealProblem(whole.read, analysing)).toMatch(/4 of 6/);
  });

  it("takes a confidence of 1 to 5 only", () => {
    expect(after({ type: "confidence", confidence: 6 }).read.confidence).toBeNull();
  });

  it("sends reasons, regions and the trimmed note", () => {
    const drafts = after(
      { type: "answer", answer: "suspicious" },
      { type: "confidence", confidence: 5 },
      { type: "reason", step: "read", code: "uniform_grain" },
      { type: "reason", step: "read", code: "smooth_bone" },
      { type: "reason", step: "read", code: "uniform_grain" },
      { type: "add-region", step: "read", region },
      { type: "note", step: "read", note: "  left clavicle " },
    );
    expect(sealBody(drafts.read)).toEqual({
      answer: "suspicious",
      confidence: 5,
      reason_codes: ["smooth_bone"],
      regions: [region],
      note: "left clavicle",
    });
    expect(drafts.verdict).toEqual(emptyDrafts.verdict);
  });

  it("holds as many regions as the server takes", () => {
    const actions = Array.from({ length: MAX_REGIONS + 3 }, (): DraftAction => ({
      type: "add-region",
      step: "read",
      region,
    }));
    expect(after(...actions).read.regions).toHaveLength(MAX_REGIONS);
  });

  it("loses the region that was dropped, no other", () => {
    const other: RegionIn = { ...region, frame: 1 };
    const drafts = after(
      { type: "add-region", step: "verdict", region },
      { type: "add-region", step: "verdict", region: other },
      { type: "drop-region", step: "verdict", index: 0 },
    );
    expect(drafts.verdict.regions).toEqual([other]);
  });
});

describe("the verdict", () => {
  it("is about the opinion, so the label turns with the flag", () => {
    expect(outcomeOf("confirm", true)).toBe("suspicious");
    expect(outcomeOf("confirm", false)).toBe("authentic");
    expect(outcomeOf("overrule", true)).toBe("authentic");
    expect(outcomeOf("overrule", false)).toBe("suspicious");
    expect(outcomeOf("inconclusive", true)).toBe("inconclusive");
  });

  it("contradicts the first answer only where both are definite", () => {
    expect(isSwitch("authentic", "confirm", true)).toBe(true);
    expect(isSwitch("authentic", "overrule", true)).toBe(false);
    expect(isSwitch("suspicious", "confirm", false)).toBe(true);
    expect(isSwitch("cannot_tell", "confirm", true)).toBe(false);
    expect(isSwitch("authentic", "inconclusive", true)).toBe(false);
  });

  it("needs a decision, a reason, and what changed the mind", () => {
    const decided = after({ type: "decision", decision: "confirm" });
    expect(verdictProblem(emptyDrafts.verdict, "authentic", true)).toMatch(/verdict first/);
    expect(verdictProblem(decided.verdict, "authentic", true)).toMatch(/changed your mind/);
    expect(verdictProblem(decided.verdict, "suspicious", true)).toMatch(/at least one/);
    const reasoned = draftReducer(decided, {
      type: "reason",
      step: "verdict",
      code: "uniform_grain",
    });
    expect(verdictProblem(reasoned.verdict, "authentic", true)).toMatch(/changed your mind/);
    expect(verdictProblem(reasoned.verdict, "suspicious", true)).toBeNull();
    const whole = draftReducer(reasoned, { type: "changed-mind", code: "looked_again" });
    expect(verdictProblem(whole.verdict, "authentic", true)).toBeNull();
    expect(decisionBody(whole.verdict, "authentic", true).changed_mind_code).toBe(
      "looked_again",
    );
  });

  it("sends no changed-mind code when the mind did not change in the end", () => {
    const drafts = after(
      { type: "decision", decision: "confirm" },
      { type: "changed-mind", code: "looked_again" },
      { type: "decision", decision: "overrule" },
      { type: "reason", step: "verdict", code: "natural_noise" },
    );
    expect(decisionBody(drafts.verdict, "authentic", true).changed_mind_code).toBeNull();
  });

  it("is worded for what was flagged, and for what was not", () => {
    expect(decisionsFor(true).map((d) => d.label)).toEqual([
      "Confirm the flag",
      "Overrule the flag",
      "Inconclusive",
    ]);
    expect(decisionsFor(false).map((d) => d.label)).toEqual([
      "Agree: nothing found",
      "Disagree: I suspect it",
      "Inconclusive",
    ]);
  });
});

describe("lanes", () => {
  const lane = (name: LaneName, over: Partial<LaneEvidence> = {}): LaneEvidence => ({
    lane: name,
    version: "1",
    status: "clear",
    reason: "",
    suspicion: null,
    findings: [],
    has_heatmap: false,
    has_reliability: false,
    model_sha256: null,
    seconds: 1,
    ...over,
  });
  const hard = { code: "c", text: "", weight: 1, source: "", region: null, detail: {} };

  it("are shown hard evidence first, then findings, then clear, then not assessable", () => {
    const order = orderLanes([
      lane("metadata", { status: "not_assessable" }),
      lane("tamper"),
      lane("synthesis", { status: "finding" }),
      lane("container", { status: "finding", findings: [hard] }),
    ]);
    expect(order.map((l) => l.lane)).toEqual(["container", "synthesis", "tamper", "metadata"]);
  });

  it("that have maps answer to H, J and K", () => {
    const lanes = [
      lane("synthesis", { has_heatmap: true }),
      lane("tamper", { has_heatmap: true }),
      lane("reuse"),
    ];
    expect(mapForKey("h", lanes, null)).toBe("synthesis");
    expect(mapForKey("h", lanes, "synthesis")).toBeNull();
    expect(mapForKey("j", lanes, "synthesis")).toBe("tamper");
    expect(mapForKey("k", lanes, null)).toBe("synthesis");
    expect(mapForKey("k", lanes, "synthesis")).toBe("tamper");
    expect(mapForKey("k", lanes, "tamper")).toBeNull();
    expect(mapForKey("h", [lane("synthesis")], null)).toBeNull();
  });

  it("weigh their findings in words", () => {
    expect(weightWords(1)).toBe("hard evidence against the film");
    expect(weightWords(-1)).toBe("hard evidence for the film");
    expect(weightWords(0.7)).toBe("strong, against the film");
    expect(weightWords(0.25)).toBe("weak, against the film");
  });
});

describe("finding a reason by typing", () => {
  it.each([
    ["Natural noise for", "natural", true],
    ["Unnatural bilateral symmetry against", "natural", false],
    ["Over-smooth bone or cortex against", "smooth cor", true],
    ["Over-smooth bone or cortex against", "", true],
    ["Over-smooth bone or cortex against", "smooth spine", false],
  ])("%s by %s: %s", (text, typed, found) => {
    expect(findsWords(text, typed)).toBe(found);
  });
});

describe("the film, read out", () => {
  it("says Film where the study has no description", () => {
    expect(filmLabel(" ", "Image 1")).toBe("Film, image 1");
    expect(filmLabel("Chest PA", "LAT L")).toBe("Chest PA, LAT L");
  });
});
