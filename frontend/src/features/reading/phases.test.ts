import { describe, expect, it } from "vitest";

import type { ReadOut, VerdictOut } from "@/api/types";

import {
  allowsPixelViews,
  asksEvidence,
  draftStepOf,
  intentReducer,
  isSealed,
  NO_INTENT,
  phaseOf,
  type Intent,
  type IntentEvent,
  type Phase,
  type Standing,
} from "./phases";

const read = { id: "r" } as ReadOut;
const verdict = { id: "v" } as VerdictOut;
const unseen = { has_seen_answers: false } as const;
const fresh = { ...unseen, first_read: null, verdict: null, state: "ready" } as const;
const sealed = { ...unseen, first_read: read, verdict: null, state: "sealed" } as const;
const decided = { ...unseen, first_read: read, verdict, state: "done" } as const;
const differing = { ...fresh, state: "adjudication" } as const;
const AMEND: Intent = { kind: "amend", reason: "" };
const SETTLE: Intent = { kind: "settle" };

function standing(over: Partial<Standing>): Standing {
  return {
    detail: fresh,
    mayAdjudicate: false,
    hasEvidence: false,
    intent: NO_INTENT,
    ...over,
  };
}

describe("the phase of a case", () => {
  it.each<[string, Phase, Partial<Standing>]>([
    ["nothing sealed", "read", {}],
    ["evidence without a seal, on a triage worklist", "read", { hasEvidence: true }],
    ["sealed, evidence on its way", "sealed", { detail: sealed }],
    ["sealed, evidence here", "verdict", { detail: sealed, hasEvidence: true }],
    ["decided", "done", { detail: decided, hasEvidence: true }],
    ["amending", "amending", { detail: decided, hasEvidence: true, intent: AMEND }],
    ["amending, evidence on its way", "done", { detail: decided, intent: AMEND }],
    ["an adjudicator's turn", "offered", { detail: differing, mayAdjudicate: true }],
    ["a reader's view of the same", "read", { detail: differing }],
    [
      "an adjudicator who looked",
      "settling",
      { detail: differing, mayAdjudicate: true, intent: SETTLE },
    ],
    [
      "an adjudicator who looked before the page was loaded",
      "settling",
      { detail: { ...differing, has_seen_answers: true }, mayAdjudicate: true },
    ],
    [
      "an adjudicator who has just settled it",
      "settling",
      { detail: { ...differing, state: "done" }, mayAdjudicate: true, intent: SETTLE },
    ],
    [
      "an adjudicator who has read it is one of its readers",
      "done",
      { detail: { ...decided, state: "adjudication" }, mayAdjudicate: true, intent: SETTLE },
    ],
    ["no right to settle, whatever was asked", "read", { detail: differing, intent: SETTLE }],
  ])("%s: %s", (_, phase, over) => {
    expect(phaseOf(standing(over))).toBe(phase);
  });
});

const PHASES: readonly Phase[] = [
  "read",
  "sealed",
  "verdict",
  "amending",
  "offered",
  "settling",
  "done",
];

describe("what a phase allows", () => {
  it("asks for no evidence and shows no pixel view to who has yet to answer blind", () => {
    const asked = PHASES.filter((phase) => asksEvidence(phase, false, false));
    expect(asked).toEqual(["sealed", "verdict", "amending", "settling", "done"]);
    expect(PHASES.filter((phase) => allowsPixelViews(phase, false))).toEqual(asked);
  });

  it("asks at once on a triage worklist, once the lanes are done", () => {
    expect(asksEvidence("read", true, false)).toBe(true);
    expect(asksEvidence("read", true, true)).toBe(false);
  });

  it("takes regions into the answer that is being given, and else nowhere", () => {
    const steps = PHASES.map((phase) => [phase, draftStepOf(phase)]);
    expect(steps.filter(([, step]) => step !== null)).toEqual([
      ["read", "read"],
      ["verdict", "verdict"],
      ["amending", "verdict"],
    ]);
  });

  it("calls sealed what follows one's own seal", () => {
    expect(PHASES.filter(isSealed)).toEqual(["sealed", "verdict", "amending", "done"]);
  });
});

describe("what the person asked for", () => {
  const after = (...events: IntentEvent[]) => events.reduce(intentReducer, NO_INTENT);

  it("keeps the reason of an amendment until it is left", () => {
    const typed = after({ type: "amend" }, { type: "reason", reason: "A slip." });
    expect(typed).toEqual({ kind: "amend", reason: "A slip." });
    expect(intentReducer(typed, { type: "leave" })).toBe(NO_INTENT);
  });

  it("does not forget that the answers were looked at", () => {
    expect(after({ type: "look" }, { type: "amend" }, { type: "leave" })).toEqual(SETTLE);
  });

  it("ignores a reason for nothing", () => {
    expect(after({ type: "reason", reason: "x" })).toBe(NO_INTENT);
  });
});
