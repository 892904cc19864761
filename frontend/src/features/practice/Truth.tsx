/** What the film is, what tells it, and what the lanes say; after the answer alone. */
import { t } from "@lingui/core/macro";
import { ArrowRight, Circle, CircleCheck, CircleX, CircleHelp } from "lucide-react";

import { Evidence } from "@/answering/Evidence";
import type { MapAt } from "@/answering/useMap";
import { answerLabel } from "@/answering/words";
import type { PracticeFeedback, PracticeFilm, PracticeSession, ReasonCode } from "@/api/types";
import { Button } from "@/ui/Button";
import { withoutStop } from "@/ui/format";

import { judgementWords, kindLabel, marksWords, truthWords } from "./words";

interface TruthProps {
  readonly film: PracticeFilm;
  readonly feedback: PracticeFeedback;
  readonly session: PracticeSession;
  readonly codes: readonly ReasonCode[];
  readonly map: MapAt;
  readonly isOutlined: boolean;
  readonly onOutlined: (isOutlined: boolean) => void;
  readonly hasNext: boolean;
  readonly onGo: () => void;
}

function Mark({ feedback }: { feedback: PracticeFeedback }) {
  if (feedback.is_right) return <CircleCheck size={20} aria-hidden className="tone-green" />;
  return feedback.given.answer === "cannot_tell" ? (
    <CircleHelp size={20} aria-hidden className="tone-grey" />
  ) : (
    <CircleX size={20} aria-hidden className="tone-amber" />
  );
}

export function Truth(props: TruthProps) {
  const { film, feedback, codes, hasNext } = props;
  const { given } = feedback;
  return (
    <>
      <section className="step truth" aria-label={t`The truth`}>
        <div className="truth-head" data-right={feedback.is_right}>
          <Mark feedback={feedback} />
          <h2 data-told tabIndex={-1}>
            {judgementWords(feedback)} {truthWords(feedback)}
          </h2>
        </div>
        <p className="muted">
          {t`${kindLabel(feedback.kind)}. You answered “${answerLabel(given.answer)}”, confidence ${given.confidence} of 5.`}
        </p>
        <p>{feedback.explanation}</p>
        <Telling feedback={feedback} codes={codes} />
        <Where {...props} />
        <GoOn hasNext={hasNext} onGo={props.onGo} />
      </section>
      <Lanes feedback={feedback} film={film} map={props.map} />
    </>
  );
}

function GoOn({ hasNext, onGo }: Pick<TruthProps, "hasNext" | "onGo">) {
  return (
    <div className="step-end">
      <Button variant="primary" className="step-go" onClick={onGo}>
        {hasNext ? t`Next film` : t`See your progress`}
        <kbd aria-hidden>{t`Enter`}</kbd>
        <ArrowRight size={14} aria-hidden />
      </Button>
    </div>
  );
}

/** In the place of the truth: its readers are to look at the case for themselves. */
export function Withdrawn(props: Pick<TruthProps, "hasNext" | "onGo">) {
  return (
    <section className="step" aria-label={t`Withdrawn`}>
      <h2 data-told tabIndex={-1}>{t`This film is a case by now`}</h2>
      <p>{t`It is no longer practised on, and what it is is told no more: its readers are to find out for themselves.`}</p>
      <GoOn {...props} />
    </section>
  );
}

function Telling({ feedback, codes }: Pick<TruthProps, "feedback" | "codes">) {
  const words = (code: string) => codes.find((known) => known.code === code)?.label ?? code;
  const { named_codes: named, missed_codes: missed, other_codes: others } = feedback;
  return (
    <div>
      <h3 className="step-label">{t`What tells it`}</h3>
      {named.length + missed.length === 0 ? (
        <p className="muted">{t`No reason was set for this film.`}</p>
      ) : (
        <ul className="telling">
          {named.map((code) => (
            <li key={code}>
              <CircleCheck size={15} aria-hidden className="tone-green" />
              {words(code)}
              <span className="muted">{t`you named it`}</span>
            </li>
          ))}
          {missed.map((code) => (
            <li key={code}>
              <Circle size={15} aria-hidden className="tone-grey" />
              {words(code)}
              <span className="muted">{t`not named`}</span>
            </li>
          ))}
        </ul>
      )}
      {others.length === 0 ? null : (
        <p className="muted telling-others">{t`You also named: ${withoutStop(others.map(words).join(", "))}.`}</p>
      )}
    </div>
  );
}

function Where({ feedback, isOutlined, onOutlined }: TruthProps) {
  const words = marksWords(feedback);
  if (words === null) return null;
  return (
    <div>
      <h3 className="step-label">{t`Where`}</h3>
      <p>{words}</p>
      {feedback.regions.length === 0 ? null : (
        <button
          type="button"
          className="chip"
          aria-pressed={isOutlined}
          onClick={(event) => {
            onOutlined(!isOutlined);
            if (event.detail > 0) event.currentTarget.blur();
          }}
        >
          {t`Outline on the film`}
        </button>
      )}
    </div>
  );
}

const NO_LANES: Record<Exclude<PracticeFeedback["lanes"], "told">, string> = {
  waiting: t`The lanes have not looked at this film yet.`,
  failed: t`The lanes could not look at this film.`,
};

function Lanes({ feedback, film, map }: Pick<TruthProps, "feedback" | "film" | "map">) {
  const { lanes, evidence } = feedback;
  if (lanes !== "told" || evidence === null) {
    return <p className="step muted">{NO_LANES[lanes === "told" ? "waiting" : lanes]}</p>;
  }
  return (
    <>
      <h2 className="practice-lanes">{t`What the lanes say`}</h2>
      {map.problem ? (
        <p role="alert" className="step step-error">
          {t`The map could not be shown. ${map.problem.message}`}
        </p>
      ) : null}
      <Evidence
        evidence={{ ...evidence, overruled_of_last: null }}
        imageId={film.id}
        shownMap={map.shown}
        onMap={map.setShown}
      />
    </>
  );
}
