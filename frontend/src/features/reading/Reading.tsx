/** One case: film, your read, evidence, verdict. Puts the parts together; phases.ts says which. */
import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { useMap } from "@/answering/useMap";
import { caseMaps } from "@/api/queries";
import type { CaseDetail } from "@/api/types";
import { tell } from "@/ui/toast";

import { AskDialog } from "./AskDialog";
import { FilmPane } from "./FilmPane";
import { Header } from "./Header";
import { isSealed } from "./phases";
import { ReadRail } from "./Rail";
import { comparePath } from "./stacks";
import { Timeline } from "./Timeline";
import { useAnswers } from "./useAnswers";
import { useCaseKeys } from "./useCaseKeys";
import { useCasePhase } from "./useCasePhase";
import { useFilmPlace } from "./useFilmPlace";
import { useRail } from "./useRail";
import { usePresence } from "./usePresence";
import { useNextCase } from "./useRead";

export function Reading({ detail }: { detail: CaseDetail }) {
  const navigate = useNavigate();
  const [railRef, rail] = useRail();
  const at = useCasePhase(detail);
  const film = useFilmPlace(detail);
  const nextId = useNextCase(detail.id).data?.case_id ?? null;
  const answers = useAnswers(detail, at, nextId, rail.toTop);
  const company = usePresence(detail, answers.drafts);
  const map = useMap(caseMaps(detail.id), film.imageId, at.evidence.data);
  const [activeRegion, setActiveRegion] = useState<number | null>(null);
  const onNext = useCallback(() => {
    if (nextId === null) tell(t`No other open case in this worklist.`);
    else void navigate(`/cases/${nextId}`);
  }, [navigate, nextId]);
  const compareAt = comparePath(detail.id, film);
  const onCompare = useCallback(() => void navigate(compareAt), [navigate, compareAt]);
  const [asking, setAsking] = useState(false);
  const onAsk = useCallback(() => setAsking(true), []);
  const [showsTimeline, setShowsTimeline] = useState(false);
  const onTimeline = useCallback(() => setShowsTimeline((isShown) => !isShown), []);
  useCaseKeys({ at, answers, film, map, rail, onNext, onCompare, onAsk, onTimeline });

  // The evidence is new on the page: take the reader there.
  const sealed = isSealed(at.phase);
  const wasSealed = useRef(sealed);
  const { focusOn, showSection } = rail;
  useEffect(() => {
    if (sealed && !wasSealed.current) focusOn("[data-sealed]");
    wasSealed.current = sealed;
  }, [sealed, focusOn]);
  // The form stands below the evidence, and it was asked for from above that.
  const isAmending = at.phase === "amending";
  useEffect(() => {
    if (isAmending) showSection("verdict", "[data-question='decision']");
  }, [isAmending, showSection]);

  return (
    <div className="reading">
      <Header
        detail={detail}
        compareAt={compareAt}
        company={company}
        nextId={nextId}
        onNext={onNext}
        onAsk={onAsk}
        showsTimeline={showsTimeline}
        onTimeline={onTimeline}
      />
      <FilmPane
        detail={detail}
        at={at}
        film={film}
        answers={answers}
        map={map}
        activeRegion={activeRegion}
      />
      {showsTimeline ? <Timeline detail={detail} onClose={onTimeline} /> : null}
      <aside className="read-rail" aria-label={t`Reading`} ref={railRef}>
        <ReadRail
          detail={detail}
          at={at}
          answers={answers}
          film={film}
          map={map}
          rail={rail}
          hasNext={nextId !== null}
          onActiveRegion={setActiveRegion}
        />
      </aside>
      {asking ? <AskDialog detail={detail} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}
