/** What the reader enters, kept at once in this tab and a moment later on the server. */
import { useEffect, useReducer, useRef, useState } from "react";

import { useMe } from "@/api/session";
import type { CaseDetail, DraftIn, DraftOut } from "@/api/types";

import { Autosave, type SaveState } from "./autosave";
import { forgetDrafts, forgetOthers, keepDrafts, loadDrafts } from "./drafts";
import {
  draftReducer,
  emptyDrafts,
  type Drafts,
  type ReadDraft,
  type VerdictDraft,
} from "./machine";
import { draftPorts, runWithPage } from "./serverDraft";
import { useKept } from "./useKept";

type Step = keyof Drafts;
type AnyDraft = ReadDraft | VerdictDraft;

export function draftBody(draft: AnyDraft, revision: number): DraftIn {
  const { reasonCodes, regions, note } = draft;
  const own =
    "answer" in draft
      ? { answer: draft.answer, confidence: draft.confidence }
      : { decision: draft.decision, changed_mind_code: draft.changedMindCode };
  return { ...own, reason_codes: [...reasonCodes], regions: [...regions], note, revision };
}

/** The fields in the order of the empty draft: drafts are compared as texts. */
export function draftFrom(step: Step, kept: DraftOut): AnyDraft {
  const marks = {
    reasonCodes: kept.reason_codes ?? [],
    regions: (kept.regions ?? []).map(({ image_id, frame, kind, points }) => ({
      image_id,
      frame,
      kind,
      points,
    })),
    note: kept.note ?? "",
  };
  return step === "read"
    ? { answer: kept.answer ?? null, confidence: kept.confidence ?? null, ...marks }
    : {
        decision: kept.decision ?? null,
        ...marks,
        changedMindCode: kept.changed_mind_code ?? null,
      };
}

const IDLE: SaveState = { kind: "idle" };

/** Which answer the server still waits for from this reader. */
function openStep(detail: CaseDetail): Step | null {
  if (detail.first_read === null) return "read";
  return detail.verdict === null ? "verdict" : null;
}

export function useDrafts(detail: CaseDetail) {
  const caseId = detail.id;
  const userId = useMe().id;
  const step = openStep(detail);
  const [opened] = useState(() => loadDrafts(userId, caseId));
  const [drafts, dispatch] = useReducer(draftReducer, opened.drafts);
  const [state, setState] = useState<SaveState>(IDLE);
  const [inTab, setInTab] = useState<boolean | null>(null);
  const bases = useRef(opened.bases);
  const now = useRef(drafts);
  const saver = useRef<Autosave<AnyDraft> | null>(null);

  useEffect(() => {
    forgetOthers(userId);
    if (step === null) {
      forgetDrafts(caseId);
      return;
    }
    const autosave = new Autosave<AnyDraft>(
      {
        ...draftPorts<AnyDraft>(caseId, step, draftBody, (kept) => draftFrom(step, kept)),
        onState: setState,
        onRestore: (draft) => {
          const restored = { [step]: draft };
          now.current = { ...now.current, ...restored };
          dispatch({ type: "restore", drafts: restored });
        },
        onBase: (revision, isSaved) => {
          bases.current = { ...bases.current, [step]: { revision, isSaved } };
          if (now.current === emptyDrafts) return;
          setInTab(keepDrafts(userId, caseId, { drafts: now.current, bases: bases.current }));
        },
      },
      now.current[step],
      emptyDrafts[step],
      bases.current[step],
    );
    saver.current = autosave;
    const stop = runWithPage(autosave);
    return () => {
      stop();
      saver.current = null;
      setState(IDLE);
    };
  }, [caseId, userId, step]);

  useEffect(() => {
    now.current = drafts;
    // Before it is sent: a reload may come first. The amendment of a verdict is not kept.
    if (step !== null) saver.current?.change(drafts[step]);
  }, [drafts, step]);

  return { drafts, dispatch, ...useKept(saver, state, inTab) };
}
