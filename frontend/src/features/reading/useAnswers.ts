/** The reader's answers: what is entered, when it may go, and sending it. */
import { useQuery } from "@tanstack/react-query";
import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useMemo, useRef, type Dispatch } from "react";

import { reasonCodesQuery } from "@/api/queries";
import type { CaseDetail, ReasonCode, RegionIn } from "@/api/types";
import { tell } from "@/ui/toast";

import { nextQuestion, sealProblem, verdictProblem, type DraftAction } from "./machine";
import { draftStepOf } from "./phases";
import type { CasePhase } from "./useCasePhase";
import { useDrafts } from "./useDrafts";
import { useFile, useSeal } from "./useRead";
import { useAmend } from "./useRulings";

const NO_CODES: readonly ReasonCode[] = [];
const NO_REGIONS: readonly RegionIn[] = [];

/** What the verdict is about: an amendment stays about what the system had said then. */
function flaggedFor({ phase, evidence }: CasePhase, detail: CaseDetail): boolean | null {
  if (phase === "amending") return detail.verdict?.flagged ?? null;
  return evidence.data?.flagged ?? null;
}

/** What was decided about an opinion is not about the one that has taken its place. */
function useOpinionChange(
  opinion: string | undefined,
  isDeciding: boolean,
  dispatch: Dispatch<DraftAction>,
) {
  const known = useRef(opinion);
  useEffect(() => {
    if (opinion === undefined) return;
    if (isDeciding && known.current !== undefined && known.current !== opinion) {
      dispatch({ type: "opinion-changed" });
      tell(t`The evidence has changed. Look again, then decide.`, "problem");
    }
    known.current = opinion;
  }, [opinion, isDeciding, dispatch]);
}

export function useAnswers(
  detail: CaseDetail,
  at: CasePhase,
  nextId: string | null,
  onSealed: () => void,
) {
  const { phase, intent, onIntent, evidence } = at;
  const codes = useQuery(reasonCodesQuery).data ?? NO_CODES;
  const { drafts, dispatch, kept, hold, resume } = useDrafts(detail);
  const seal = useSeal(detail.id);
  const file = useFile(detail, nextId);
  const amend = useAmend(detail, detail.verdict?.flagged ?? false);
  const first = detail.first_read;
  const flagged = flaggedFor(at, detail);
  const step = draftStepOf(phase);
  useOpinionChange(evidence.data?.opinion_sha256, phase === "verdict", dispatch);

  const regions = useMemo<readonly RegionIn[]>(() => {
    if (step !== null) return drafts[step].regions;
    return first ? [...first.regions, ...(detail.verdict?.regions ?? [])] : NO_REGIONS;
  }, [step, drafts, first, detail.verdict]);

  const canDecide =
    first !== null &&
    flagged !== null &&
    verdictProblem(drafts.verdict, first.answer, flagged) === null;

  const onSeal = useCallback(() => {
    if (phase !== "read" || sealProblem(drafts.read, detail) !== null) return;
    if (seal.isPending) return;
    hold();
    seal.mutate(drafts, { onSuccess: onSealed, onError: resume });
  }, [phase, detail, seal, drafts, onSealed, hold, resume]);
  const onFile = useCallback(() => {
    if (phase === "verdict" && canDecide && evidence.data && !file.isPending) {
      hold();
      file.mutate({ drafts, evidence: evidence.data }, { onError: resume });
    }
  }, [phase, canDecide, evidence.data, file, drafts, hold, resume]);
  const onAmend = useCallback(() => {
    if (intent.kind !== "amend" || intent.reason.trim() === "") return;
    if (phase !== "amending" || !canDecide || amend.isPending) return;
    amend.mutate(
      { draft: drafts.verdict, reason: intent.reason },
      { onSuccess: () => onIntent({ type: "leave" }) },
    );
  }, [phase, intent, canDecide, amend, drafts, onIntent]);
  const onStartAmend = useCallback(() => {
    if (detail.verdict === null) return;
    dispatch({ type: "amend", verdict: detail.verdict });
    onIntent({ type: "amend" });
  }, [detail.verdict, dispatch, onIntent]);

  const onAddRegion = useMemo(
    () =>
      step === null
        ? null
        : (region: RegionIn) => dispatch({ type: "add-region", step, region }),
    [dispatch, step],
  );
  const undoRegionOf = useCallback(
    (imageId: string) => {
      const last = regions.map((region) => region.image_id).lastIndexOf(imageId);
      if (step !== null && last >= 0) dispatch({ type: "drop-region", step, index: last });
    },
    [dispatch, step, regions],
  );

  return {
    codes,
    drafts,
    dispatch,
    kept,
    first,
    flagged,
    regions,
    question:
      first === null || flagged === null || step !== "verdict"
        ? null
        : nextQuestion(drafts.verdict, first.answer, flagged),
    seal,
    file,
    amend,
    onSeal,
    onFile,
    onAmend,
    onStartAmend,
    onAddRegion,
    undoRegionOf,
  };
}

export type AnswersAt = ReturnType<typeof useAnswers>;
