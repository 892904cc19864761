/** What a reader enters about a film, step by step. Pure. */
import { t } from "@lingui/core/macro";
import type { Answer, RegionIn } from "@/api/types";

import type { AnswerMarks } from "./AnswerFields";

/** The server refuses more (apps/reading/services/reads.py). */
export const MAX_REGIONS = 50;

export type MarksAction =
  | { readonly type: "reason"; readonly code: string }
  | { readonly type: "add-region"; readonly region: RegionIn }
  | { readonly type: "drop-region"; readonly index: number };

export type AnswerAction =
  | { readonly type: "answer"; readonly answer: Answer }
  | { readonly type: "confidence"; readonly confidence: number }
  | MarksAction;

export const NO_ANSWER: AnswerMarks = {
  answer: null,
  confidence: null,
  reasonCodes: [],
  regions: [],
};

function toggled(codes: readonly string[], code: string): readonly string[] {
  return codes.includes(code) ? codes.filter((known) => known !== code) : [...codes, code];
}

/** Return the draft with a reason picked or dropped, or a region more or less. */
export function changeMarks<Draft extends Pick<AnswerMarks, "reasonCodes" | "regions">>(
  draft: Draft,
  action: MarksAction,
): Draft {
  switch (action.type) {
    case "reason":
      return { ...draft, reasonCodes: toggled(draft.reasonCodes, action.code) };
    case "add-region":
      return draft.regions.length >= MAX_REGIONS
        ? draft
        : { ...draft, regions: [...draft.regions, action.region] };
    case "drop-region":
      return { ...draft, regions: draft.regions.filter((_, i) => i !== action.index) };
  }
}

export function answerReducer(draft: AnswerMarks, action: AnswerAction): AnswerMarks {
  switch (action.type) {
    case "answer":
      return { ...draft, answer: action.answer };
    case "confidence":
      return { ...draft, confidence: action.confidence };
    default:
      return changeMarks(draft, action);
  }
}

/** Return what the answer still lacks, in plain words, or null. */
export function answerProblem(draft: AnswerMarks): string | null {
  if (draft.answer === null) return t`Choose an answer first.`;
  if (draft.confidence === null) return t`Give your confidence, 1 to 5.`;
  return null;
}
