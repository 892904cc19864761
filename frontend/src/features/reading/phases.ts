/** Where a reader stands with a case, and what the page may show and do there. Pure. */
import type { CaseDetail } from "@/api/types";

/**
 * read: answering, blind or informed. sealed: sealed, the evidence not here yet.
 * verdict: deciding with the evidence. amending: filing another verdict in place of one's own.
 * offered: readers differ and this person may settle it, but has not looked at their answers.
 * settling: looks at all answers, before and after filing the outcome. done: nothing to answer.
 */
export type Phase =
  "read" | "sealed" | "verdict" | "amending" | "offered" | "settling" | "done";

/** What the person asked for on this page; the rest follows from the case. */
export type Intent =
  | { readonly kind: "none" }
  | { readonly kind: "settle" }
  | { readonly kind: "amend"; readonly reason: string };

export type IntentEvent =
  | { readonly type: "look" }
  | { readonly type: "amend" }
  | { readonly type: "reason"; readonly reason: string }
  | { readonly type: "leave" };

export const NO_INTENT: Intent = { kind: "none" };

/** Return the intent after an event; one that does not fit changes nothing. */
export function intentReducer(intent: Intent, event: IntentEvent): Intent {
  switch (event.type) {
    case "look":
      return intent.kind === "none" ? { kind: "settle" } : intent;
    case "amend":
      return intent.kind === "none" ? { kind: "amend", reason: "" } : intent;
    case "reason":
      return intent.kind === "amend" ? { kind: "amend", reason: event.reason } : intent;
    case "leave":
      return intent.kind === "amend" ? NO_INTENT : intent;
  }
}

export interface Standing {
  readonly detail: Pick<CaseDetail, "first_read" | "verdict" | "state" | "has_seen_answers">;
  readonly mayAdjudicate: boolean;
  readonly hasEvidence: boolean;
  readonly intent: Intent;
}

export function phaseOf({ detail, mayAdjudicate, hasEvidence, intent }: Standing): Phase {
  if (detail.first_read === null) {
    // Who looked keeps seeing the answers once the case is settled, and after a reload.
    const hasLooked = intent.kind === "settle" || detail.has_seen_answers;
    if (mayAdjudicate && hasLooked) return "settling";
    return mayAdjudicate && detail.state === "adjudication" ? "offered" : "read";
  }
  if (detail.verdict === null) return hasEvidence ? "verdict" : "sealed";
  return intent.kind === "amend" && hasEvidence ? "amending" : "done";
}

/** Whose regions are drawn and changed; null where none may be changed. */
export function draftStepOf(phase: Phase): "read" | "verdict" | null {
  if (phase === "read") return "read";
  return phase === "verdict" || phase === "amending" ? "verdict" : null;
}

export function isSealed(phase: Phase): boolean {
  return phase !== "read" && phase !== "offered" && phase !== "settling";
}

/**
 * Whether the page may ask for the evidence. Never before the seal on a blind worklist: the
 * server would refuse anyway.
 */
export function asksEvidence(phase: Phase, informed: boolean, isAnalysing: boolean): boolean {
  if (phase === "read" || phase === "offered") return informed && !isAnalysing;
  return true;
}

/** Pixel views hold no opinion of a lane, but a read is blind only without such aids. */
export function allowsPixelViews(phase: Phase, informed: boolean): boolean {
  return informed || (phase !== "read" && phase !== "offered");
}
