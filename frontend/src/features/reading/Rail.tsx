/** What stands beside the film, by phase: the read, the evidence, the verdict, the end. */
import { t } from "@lingui/core/macro";
import { Evidence } from "@/answering/Evidence";
import type { MapAt } from "@/answering/useMap";
import type { CaseDetail, RegionIn } from "@/api/types";
import { ErrorState, SkeletonRows } from "@/ui/states";

import { Adjudication } from "./Adjudication";
import { Answers } from "./Answers";
import { AskedByMe, AskedOfMe } from "./Questions";
import { CaseEnd } from "./CaseEnd";
import { Steps } from "./Steps";
import type { AnswersAt } from "./useAnswers";
import type { CasePhase } from "./useCasePhase";
import type { FilmAt } from "./useFilmPlace";
import type { Rail } from "./useRail";
import { useSealWords } from "./useRead";
import { Verdict } from "./Verdict";
import { YourRead } from "./YourRead";

interface ReadRailProps {
  readonly detail: CaseDetail;
  readonly at: CasePhase;
  readonly answers: AnswersAt;
  readonly film: FilmAt;
  readonly map: MapAt;
  readonly rail: Rail;
  readonly hasNext: boolean;
  readonly onActiveRegion: (index: number | null) => void;
}

export function ReadRail(props: ReadRailProps) {
  const { detail, at, answers, map, rail, hasNext } = props;
  const { phase } = at;
  const { first } = answers;
  const isSettling = phase === "offered" || phase === "settling";
  return (
    <>
      {isSettling ? null : (
        <Steps
          phase={phase}
          informed={at.informed}
          onGo={(name) => rail.showSection(name, "[data-none]")}
        />
      )}
      <AskedOfMe detail={detail} />
      {map.problem ? (
        <p role="alert" className="step-error step">
          {t`The map could not be shown. ${map.problem.message}`}
        </p>
      ) : null}
      {isSettling ? (
        <Adjudication
          detail={detail}
          codes={answers.codes}
          isOpen={phase === "settling"}
          onOpen={() => at.onIntent({ type: "look" })}
        />
      ) : null}
      {phase === "read" ? (
        <div data-section="read">
          <YourRead
            {...stepProps(props)}
            draft={answers.drafts.read}
            onSeal={answers.onSeal}
            busy={answers.seal.isPending}
            error={answers.seal.error}
          />
        </div>
      ) : null}
      {first ? <Sealed {...props} /> : null}
      <AskedByMe detail={detail} />
      <CaseEnd detail={detail} onAmend={phase === "done" ? answers.onStartAmend : null} />
      <div data-section="evidence">
        <EvidencePart at={at} film={props.film} map={map} />
      </div>
      <FinalAnswer {...props} />
      {first && phase === "done" && !hasNext ? (
        <p className="step muted">{t`No other open case in this worklist.`}</p>
      ) : null}
    </>
  );
}

function stepProps({ detail, answers, film, onActiveRegion }: ReadRailProps) {
  return {
    detail,
    codes: answers.codes,
    imageNames: film.names,
    dispatch: answers.dispatch,
    onActiveRegion,
    onShowRegion: (region: RegionIn) => film.showRegion(region),
    kept: answers.kept,
  };
}

function Sealed({ detail, at, answers }: ReadRailProps) {
  const words = useSealWords(answers.seal.data, detail);
  if (answers.first === null) return null;
  return (
    <div className="step sealed" data-section="read">
      <p data-sealed tabIndex={-1} className="sealed-words">
        {words}
      </p>
      <Answers
        first={answers.first}
        verdict={detail.verdict}
        flagged={detail.verdict?.flagged ?? at.evidence.data?.flagged ?? null}
        codes={answers.codes}
      />
    </div>
  );
}

function EvidencePart({ at, film, map }: Pick<ReadRailProps, "at" | "film" | "map">) {
  const { evidence } = at;
  if (!at.wanted) return null;
  if (evidence.data) {
    return (
      <Evidence
        evidence={evidence.data}
        imageId={film.imageId}
        shownMap={map.shown}
        onMap={map.setShown}
      />
    );
  }
  if (evidence.error) {
    return (
      <ErrorState
        title={t`The evidence could not be loaded`}
        error={evidence.error}
        onRetry={() => void evidence.refetch()}
      />
    );
  }
  return <SkeletonRows label={t`Loading the evidence`} count={8} />;
}

/** The verdict's form; an amendment starts from what it replaces, and says why. */
function FinalAnswer(props: ReadRailProps) {
  const { detail, at, answers } = props;
  const { phase, intent, onIntent, evidence } = at;
  const { first, flagged } = answers;
  if (first === null || flagged === null || evidence.data === undefined) return null;
  if (phase !== "verdict" && phase !== "amending") return null;
  const isAmending = phase === "amending" && intent.kind === "amend";
  return (
    <div data-section="verdict">
      <Verdict
        {...stepProps(props)}
        key={isAmending ? `amends-${detail.verdict?.id}` : "first"}
        draft={answers.drafts.verdict}
        first={first}
        evidence={{ ...evidence.data, flagged }}
        hasNext={props.hasNext && !isAmending}
        onFile={isAmending ? answers.onAmend : answers.onFile}
        busy={isAmending ? answers.amend.isPending : answers.file.isPending}
        error={isAmending ? answers.amend.error : answers.file.error}
        {...(isAmending
          ? {
              amending: {
                reason: intent.reason,
                onReason: (reason: string) => onIntent({ type: "reason", reason }),
                onCancel: () => onIntent({ type: "leave" }),
              },
            }
          : {})}
      />
    </div>
  );
}
