/** The film, the questions beside it, and what the answer was worth. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { AnswerFields } from "@/answering/AnswerFields";
import { answerShortcuts, mapShortcuts } from "@/answering/keys";
import { answerProblem, answerReducer, NO_ANSWER } from "@/answering/marks";
import { useMap } from "@/answering/useMap";
import { practiceMaps, reasonCodesQuery } from "@/api/queries";
import type { PracticeFilm, PracticeSession, ReasonCode, RegionIn } from "@/api/types";
import type { FramePlace } from "@/imaging";
import { announce } from "@/ui/announce";
import { Button } from "@/ui/Button";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts";
import { FilmViewer, type Highlight } from "@/viewer";

import { Truth, Withdrawn } from "./Truth";
import { useAnswer } from "./usePractice";
import { judgementWords, truthWords } from "./words";

const NO_CODES: readonly ReasonCode[] = [];

interface ExerciseProps {
  readonly film: PracticeFilm;
  readonly session: PracticeSession;
  /** The next film that waits for an answer, or null. */
  readonly next: string | null;
}

function useAnswering(film: PracticeFilm) {
  const [draft, dispatch] = useReducer(answerReducer, NO_ANSWER);
  const answer = useAnswer(film);
  const problem = answerProblem(draft);
  const { mutate, isPending } = answer;
  const onSend = useCallback(() => {
    if (problem !== null || isPending) return;
    mutate(draft, {
      onSuccess: ({ feedback }) => {
        if (feedback) announce(`${judgementWords(feedback)} ${truthWords(feedback)}`);
      },
    });
  }, [problem, isPending, mutate, draft]);
  return { draft, dispatch, problem, onSend, isPending, error: answer.error };
}

type Answering = ReturnType<typeof useAnswering>;

function stackOf(film: PracticeFilm): readonly FramePlace[] {
  return Array.from({ length: film.frame_count }, (_, frame) => ({
    imageId: film.id,
    frame,
  }));
}

export function Exercise({ film, session, next }: ExerciseProps) {
  const { feedback, is_withdrawn: isWithdrawn } = film;
  const isOpen = feedback === null && !isWithdrawn;
  const navigate = useNavigate();
  const codes = useQuery(reasonCodesQuery).data ?? NO_CODES;
  const answering = useAnswering(film);
  const { dispatch, onSend } = answering;
  const [activeRegion, setActiveRegion] = useState<number | null>(null);
  const [frame, setFrame] = useState(0);
  const [isOutlined, setOutlined] = useState(true);
  const map = useMap(practiceMaps, film.id, feedback?.evidence ?? undefined);
  const stack = useMemo(() => stackOf(film), [film]);
  const regions = feedback ? feedback.given.regions : answering.draft.regions;
  const outlines = useMemo<readonly Highlight[]>(
    () =>
      (feedback && isOutlined ? feedback.regions : [])
        .filter((region) => region.frame === frame)
        .map((region) => ({ ...region, label: t`Altered` })),
    [feedback, isOutlined, frame],
  );

  const railRef = useRef<HTMLElement>(null);
  const onGo = useCallback(
    () => void navigate(next === null ? "/practice" : `/practice/${next}`),
    [navigate, next],
  );
  const onWhy = useCallback(
    () => railRef.current?.querySelector<HTMLElement>("[data-why]")?.focus(),
    [],
  );
  usePracticeKeys({
    isOpen,
    dispatch,
    onEnter: isOpen ? onSend : onGo,
    onNext: next === null ? null : onGo,
    onWhy,
    map,
  });
  // The truth is new on the page, or that it will not be told: take the reader there.
  const isTold = !isOpen;
  const wasTold = useRef(isTold);
  useEffect(() => {
    if (isTold && !wasTold.current) {
      railRef.current?.scrollTo?.({ top: 0 });
      railRef.current?.querySelector<HTMLElement>("[data-told]")?.focus();
    }
    wasTold.current = isTold;
  }, [isTold]);

  return (
    <>
      <div className="reading-film">
        <FilmViewer
          imageId={film.id}
          label={film.description}
          frame={frame}
          stack={stack}
          flagged={[]}
          onPlace={(place) => setFrame(place.frame)}
          facts={factsOf(film)}
          regions={regions}
          activeRegion={activeRegion}
          onAddRegion={!isOpen ? null : (region) => dispatch({ type: "add-region", region })}
          onUndoRegion={() => {
            if (regions.length > 0) {
              dispatch({ type: "drop-region", index: regions.length - 1 });
            }
          }}
          highlights={map.shown === null ? outlines : [...outlines, ...map.highlights]}
          heatmap={map.view}
          allowsForensic={feedback !== null}
        />
      </div>
      <aside className="read-rail" aria-label={t`Answer`} ref={railRef}>
        {feedback ? (
          <Truth
            film={film}
            feedback={feedback}
            session={session}
            codes={codes}
            map={map}
            isOutlined={isOutlined}
            onOutlined={setOutlined}
            hasNext={next !== null}
            onGo={onGo}
          />
        ) : isWithdrawn ? (
          <Withdrawn hasNext={next !== null} onGo={onGo} />
        ) : (
          <Questions
            film={film}
            answering={answering}
            codes={codes}
            hasEnded={session.ended_at !== null}
            onActiveRegion={setActiveRegion}
            onShowRegion={(region) => setFrame(region.frame ?? 0)}
          />
        )}
      </aside>
    </>
  );
}

function factsOf({ description, modality }: PracticeFilm) {
  return { patient: [t`Practice film`], study: [description, modality] };
}

interface QuestionsProps {
  readonly film: PracticeFilm;
  readonly answering: Answering;
  readonly codes: readonly ReasonCode[];
  readonly hasEnded: boolean;
  readonly onActiveRegion: (index: number | null) => void;
  readonly onShowRegion: (region: RegionIn) => void;
}

function Questions({ film, answering, codes, hasEnded, ...regions }: QuestionsProps) {
  const { draft, dispatch, problem, onSend, isPending, error } = answering;
  if (hasEnded) {
    return (
      <p className="step muted">{t`This practice was ended before this film was answered.`}</p>
    );
  }
  return (
    <section className="step" aria-label={t`Your answer`}>
      <AnswerFields
        draft={draft}
        codes={codes}
        imageNames={new Map([[film.id, film.description]])}
        onAnswer={(answer) => dispatch({ type: "answer", answer })}
        onConfidence={(confidence) => dispatch({ type: "confidence", confidence })}
        onReason={(code) => dispatch({ type: "reason", code })}
        onDropRegion={(index) => dispatch({ type: "drop-region", index })}
        {...regions}
      />
      <div className="step-end">
        <Button
          variant="primary"
          className="step-go"
          disabled={problem !== null || isPending}
          aria-describedby="answer-why"
          onClick={onSend}
        >
          {isPending ? t`Sending…` : t`Answer and see the truth`}
          <kbd aria-hidden>{t`Enter`}</kbd>
        </Button>
        <p id="answer-why" className="step-why">
          {problem ?? t`Only you see what you answer here. It cannot be changed.`}
        </p>
        {error === null ? null : (
          <p role="alert" className="step-error">
            {t`Not sent. ${error.message}`}
          </p>
        )}
      </div>
    </section>
  );
}

interface Keys {
  readonly isOpen: boolean;
  readonly dispatch: Answering["dispatch"];
  readonly onEnter: () => void;
  readonly onNext: (() => void) | null;
  readonly onWhy: () => void;
  readonly map: Pick<ReturnType<typeof useMap>, "hasMaps" | "onMapKey" | "onOpacity">;
}

function usePracticeKeys({ isOpen, dispatch, onEnter, onNext, onWhy, map }: Keys): void {
  const { hasMaps, onMapKey, onOpacity } = map;
  useShortcuts(
    t`Practice`,
    useMemo<Shortcut[]>(
      () => [
        ...(isOpen
          ? [
              ...answerShortcuts(
                (answer) => dispatch({ type: "answer", answer }),
                (confidence) => dispatch({ type: "confidence", confidence }),
              ),
              { keys: "y", label: t`Give a reason`, run: onWhy },
            ]
          : []),
        ...(hasMaps ? mapShortcuts(onMapKey, onOpacity) : []),
        ...(onNext === null
          ? []
          : [{ keys: "n", label: t`Next film without an answer`, run: onNext }]),
        {
          keys: "Enter",
          label: isOpen ? t`Answer and see the truth` : t`Go on`,
          whileTyping: true,
          run: onEnter,
        },
      ],
      [isOpen, dispatch, onEnter, onNext, onWhy, hasMaps, onMapKey, onOpacity],
    ),
  );
}
