/** The read as a state machine: an answer, a seal, a verdict. Pure. */
import { t } from "@lingui/core/macro";
import { answerProblem, changeMarks } from "@/answering/marks";
import type {
  Answer,
  CaseDetail,
  Decision,
  Outcome,
  ReasonCode,
  RegionIn,
  SealIn,
  VerdictIn,
  VerdictOut,
} from "@/api/types";

export interface ReadDraft {
  readonly answer: Answer | null;
  readonly confidence: number | null;
  readonly reasonCodes: readonly string[];
  readonly regions: readonly RegionIn[];
  readonly note: string;
}

export interface VerdictDraft {
  readonly decision: Decision | null;
  readonly reasonCodes: readonly string[];
  readonly regions: readonly RegionIn[];
  readonly note: string;
  readonly changedMindCode: string | null;
}

export interface Drafts {
  readonly read: ReadDraft;
  readonly verdict: VerdictDraft;
}

export const emptyDrafts: Drafts = {
  read: { answer: null, confidence: null, reasonCodes: [], regions: [], note: "" },
  verdict: { decision: null, reasonCodes: [], regions: [], note: "", changedMindCode: null },
};

/** Whether the reader has entered nothing that could be lost. */
export function nothingEntered(drafts: Drafts): boolean {
  return JSON.stringify(drafts) === JSON.stringify(emptyDrafts);
}

/** The server refuses more (apps/reading/services/reads.py). */
export const MAX_NOTE_CHARACTERS = 4000;

export type DraftAction =
  | { readonly type: "answer"; readonly answer: Answer }
  | { readonly type: "confidence"; readonly confidence: number }
  | { readonly type: "decision"; readonly decision: Decision }
  | { readonly type: "opinion-changed" }
  | { readonly type: "amend"; readonly verdict: VerdictOut }
  | { readonly type: "restore"; readonly drafts: Partial<Drafts> }
  | { readonly type: "changed-mind"; readonly code: string }
  | { readonly type: "reason"; readonly step: "read" | "verdict"; readonly code: string }
  | { readonly type: "note"; readonly step: "read" | "verdict"; readonly note: string }
  | {
      readonly type: "add-region";
      readonly step: "read" | "verdict";
      readonly region: RegionIn;
    }
  | { readonly type: "drop-region"; readonly step: "read" | "verdict"; readonly index: number };

function changeStep<Draft extends ReadDraft | VerdictDraft>(
  draft: Draft,
  action: Extract<DraftAction, { step: unknown }>,
): Draft {
  return action.type === "note"
    ? { ...draft, note: action.note.slice(0, MAX_NOTE_CHARACTERS) }
    : changeMarks(draft, action);
}

/** An amendment starts from what it replaces. */
function draftOf(verdict: VerdictOut): VerdictDraft {
  return {
    decision: verdict.decision,
    reasonCodes: verdict.reason_codes,
    regions: verdict.regions,
    note: verdict.note,
    changedMindCode: verdict.changed_mind_code,
  };
}

export function draftReducer(drafts: Drafts, action: DraftAction): Drafts {
  switch (action.type) {
    case "answer":
      return { ...drafts, read: { ...drafts.read, answer: action.answer } };
    case "confidence":
      return action.confidence >= 1 && action.confidence <= 5
        ? { ...drafts, read: { ...drafts.read, confidence: action.confidence } }
        : drafts;
    case "decision":
      return { ...drafts, verdict: { ...drafts.verdict, decision: action.decision } };
    case "opinion-changed":
      // Confirmed or overruled would now be what the reader has not seen.
      return {
        ...drafts,
        verdict: { ...drafts.verdict, decision: null, changedMindCode: null },
      };
    case "amend":
      return { ...drafts, verdict: draftOf(action.verdict) };
    case "restore":
      return { ...drafts, ...action.drafts };
    case "changed-mind":
      return { ...drafts, verdict: { ...drafts.verdict, changedMindCode: action.code } };
    default:
      return action.step === "read"
        ? { ...drafts, read: changeStep(drafts.read, action) }
        : { ...drafts, verdict: changeStep(drafts.verdict, action) };
  }
}

/** Return why the answer cannot be sealed yet, in plain words, or null when it can. */
export function sealProblem(
  draft: ReadDraft,
  detail: Pick<CaseDetail, "state" | "progress">,
): string | null {
  if (detail.state === "analysing") {
    const { done, total } = detail.progress;
    return t`The lanes are still at work (${done} of ${total}). You can seal when they are done.`;
  }
  return answerProblem(draft);
}

/** Return what the label will be. */
export function outcomeOf(decision: Decision, flagged: boolean): Outcome {
  if (decision === "inconclusive") return "inconclusive";
  return (decision === "confirm") === flagged ? "suspicious" : "authentic";
}

/** Return whether the decision contradicts the sealed answer: definite then, definite now. */
export function isSwitch(first: Answer, decision: Decision, flagged: boolean): boolean {
  const outcome = outcomeOf(decision, flagged);
  return first !== "cannot_tell" && outcome !== "inconclusive" && first !== outcome;
}

/** Return what may have changed the reader's mind, where the decision asks for that. */
export function changesToAsk(
  codes: readonly ReasonCode[],
  first: { readonly answer: Answer } | null,
  decision: Decision | null,
  flagged: boolean | null,
): readonly ReasonCode[] {
  if (first === null || decision === null || flagged === null) return [];
  if (!isSwitch(first.answer, decision, flagged)) return [];
  return codes.filter((code) => code.active && code.group === "changed_mind");
}

/** Return what the verdict still lacks, in the order in which the page asks, or null. */
export function nextQuestion(
  draft: VerdictDraft,
  first: Answer,
  flagged: boolean,
): "decision" | "change" | "reason" | null {
  if (draft.decision === null) return "decision";
  if (isSwitch(first, draft.decision, flagged) && draft.changedMindCode === null) {
    return "change";
  }
  return draft.reasonCodes.length === 0 ? "reason" : null;
}

const LACKING = {
  decision: t`Choose a verdict first.`,
  change: t`Say what changed your mind.`,
  reason: t`Give at least one reason.`,
} as const;

/** Return why the verdict cannot be filed yet, or null when it can. */
export function verdictProblem(
  draft: VerdictDraft,
  first: Answer,
  flagged: boolean,
): string | null {
  const lacking = nextQuestion(draft, first, flagged);
  return lacking === null ? null : LACKING[lacking];
}

/** Return the body of the seal. Throws when the draft is not whole: check sealProblem first. */
export function sealBody(draft: ReadDraft): SealIn {
  const { answer, confidence, reasonCodes, regions, note } = draft;
  if (answer === null || confidence === null) throw new Error("The answer is not whole.");
  return {
    answer,
    confidence,
    reason_codes: [...reasonCodes],
    regions: [...regions],
    note: note.trim(),
  };
}

/** What a seal and a verdict have in common, as it is sent and as it is kept. */
interface Given {
  readonly confidence?: number;
  readonly reason_codes?: readonly string[] | undefined;
  readonly regions?: readonly object[] | undefined;
  readonly note?: string | undefined;
}

/** Whether what is kept is what was sent; the answer or decision itself is compared apart. */
export function isSameAnswer(kept: Given, sent: Given): boolean {
  const textOf = ({ confidence, reason_codes: codes, regions, note }: Given) =>
    JSON.stringify([
      confidence ?? null,
      [...(codes ?? [])].sort(),
      (regions as RegionIn[] | undefined)?.map(({ image_id, frame, kind, points }) => [
        image_id,
        frame ?? 0,
        kind,
        points,
      ]) ?? [],
      note ?? "",
    ]);
  return textOf(kept) === textOf(sent);
}

export function decisionBody(
  draft: VerdictDraft,
  first: Answer,
  flagged: boolean,
): Omit<VerdictIn, "opinion_sha256"> {
  const { decision, reasonCodes, regions, note, changedMindCode } = draft;
  if (decision === null) throw new Error("The verdict is not whole.");
  return {
    decision,
    reason_codes: [...reasonCodes],
    regions: [...regions],
    note: note.trim(),
    changed_mind_code: isSwitch(first, decision, flagged) ? changedMindCode : null,
  };
}
