/** The keys of a case, by phase, and where the focus goes after a decision made by key. */
import { useEffect, useMemo, useState } from "react";

import type { MapAt } from "@/answering/useMap";

import { changesToAsk } from "./machine";
import type { Phase } from "./phases";
import type { AnswersAt } from "./useAnswers";
import type { CasePhase } from "./useCasePhase";
import type { FilmAt } from "./useFilmPlace";
import type { Rail } from "./useRail";
import { useReadingKeys } from "./useReadingKeys";

interface CaseKeys {
  readonly at: CasePhase;
  readonly answers: AnswersAt;
  readonly film: FilmAt;
  readonly map: MapAt;
  readonly rail: Rail;
  readonly onNext: () => void;
  readonly onCompare: () => void;
  readonly onAsk: () => void;
  readonly onTimeline: () => void;
}

/** Which section of the rail asks for reasons. */
const WHY: Partial<Record<Phase, string>> = {
  read: "read",
  verdict: "verdict",
  amending: "verdict",
  settling: "settle",
};

/**
 * After a decision by key the next question takes the focus: first what changed the reader's
 * mind, whose digits only work outside a text field, then the reasons.
 */
function useNextQuestion({ answers, rail }: CaseKeys): () => void {
  const [asked, setAsked] = useState(0);
  const { question } = answers;
  const { showSection } = rail;
  useEffect(() => {
    if (asked === 0) return;
    if (question === "change") showSection("verdict", "[data-question='change']");
    if (question === "reason") showSection("verdict", "[data-why]");
  }, [asked, question, showSection]);
  return useMemo(() => () => setAsked((n) => n + 1), []);
}

export function useCaseKeys(keys: CaseKeys): void {
  const { at, answers, film, map, rail, onNext, onCompare, onAsk, onTimeline } = keys;
  const { phase } = at;
  const { codes, drafts, dispatch, first, flagged, onSeal, onFile, onAmend } = answers;
  const { hasMaps, onMapKey, onOpacity } = map;
  const { showSection } = rail;
  const { onStep } = film;
  const onDecision = useNextQuestion(keys);
  const isDeciding = phase === "verdict" || phase === "amending";
  const decision = isDeciding ? drafts.verdict.decision : null;
  useReadingKeys(
    useMemo(() => {
      const why = WHY[phase];
      const enter: Partial<Record<Phase, () => void>> = {
        read: onSeal,
        verdict: onFile,
        amending: onAmend,
        done: onNext,
      };
      return {
        phase,
        flagged,
        hasMaps,
        dispatch,
        onDecision,
        onWhy: why === undefined ? null : () => showSection(why, "[data-why]"),
        changes: changesToAsk(codes, first, decision, flagged),
        onEnter: enter[phase] ?? null,
        onMapKey,
        onOpacity,
        onNext,
        onCompare,
        onAsk,
        onTimeline,
        onImage: onStep,
      };
    }, [
      phase,
      flagged,
      hasMaps,
      dispatch,
      onDecision,
      showSection,
      codes,
      first,
      decision,
      onSeal,
      onFile,
      onAmend,
      onNext,
      onCompare,
      onAsk,
      onTimeline,
      onMapKey,
      onOpacity,
      onStep,
    ]),
  );
}
