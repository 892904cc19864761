/** /practice/:id: a film to answer about; the truth beside it once that is done. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight, FileQuestion, GraduationCap } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link, useParams } from "react-router";

import "@/answering/answering.css";
import { ApiError } from "@/api/client";
import { practiceFilmQuery, practiceSessionQuery } from "@/api/queries";
import type { PracticeFilm, PracticeSession } from "@/api/types";
import { films } from "@/imaging/cornerstone";
import { buttonClass } from "@/ui/Button";
import { Kbd, useAriaKey } from "@/ui/shortcuts";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

import { Exercise } from "./Exercise";
import "./practice.css";
import { placeFilms } from "./usePractice";
import { nextOpen } from "./words";

const LANES_POLL_MS = 5_000;
const NOT_FOUND = 404;

export function FilmPage() {
  const { id = "" } = useParams();
  placeFilms([id]);
  const film = useQuery({
    ...practiceFilmQuery(id),
    // Nothing tells when the lanes have spoken.
    refetchInterval: ({ state }) =>
      state.data?.feedback?.lanes === "waiting" ? LANES_POLL_MS : false,
  });
  const sessionId = film.data?.session_id;
  const session = useQuery({
    ...practiceSessionQuery(sessionId ?? ""),
    enabled: sessionId !== undefined,
  });
  useEffect(() => {
    document.title = t`Practice · Truefilm`;
  }, []);
  if (film.data && session.data) {
    return <Film film={film.data} session={session.data} />;
  }
  const error = film.error ?? session.error;
  if (error instanceof ApiError && error.status === NOT_FOUND) {
    return (
      <EmptyState title={t`There is no such film in your practice`} icon={FileQuestion} isPage>
        <p>{t`The link may be old, or the film is another reader's.`}</p>
        <Link to="/practice" className={buttonClass()}>
          {t`Go to Practice`}
        </Link>
      </EmptyState>
    );
  }
  if (error) {
    return (
      <ErrorState
        title={t`This film could not be opened`}
        error={error}
        onRetry={() => void (film.error ? film.refetch() : session.refetch())}
      />
    );
  }
  return <SkeletonRows label={t`Opening the film`} count={10} />;
}

function Film({ film, session }: { film: PracticeFilm; session: PracticeSession }) {
  const next = nextOpen(session, film.id);
  const ariaKey = useAriaKey("practice.next");
  // Pixels tell nothing that the film itself will not.
  useEffect(() => {
    if (next === null) return;
    placeFilms([next]);
    films.prefetch([next]);
  }, [next]);
  const titleRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => titleRef.current?.focus({ preventScroll: true }), [film.id]);
  const answered = session.films.filter(({ is_answered }) => is_answered).length;
  return (
    <div className="reading practice">
      <header className="reading-head">
        <Link className="button button-ghost button-small" to="/practice">
          <ArrowLeft size={15} aria-hidden />
          {t`Practice`}
        </Link>
        <h1 ref={titleRef} tabIndex={-1}>
          {t`Film ${film.number} of ${film.of}`}
        </h1>
        <span className="reading-study truncate">{film.description}</span>
        <span className="reading-space" />
        <Places session={session} current={film.id} answered={answered} />
        <span className="badge">
          <GraduationCap size={14} aria-hidden />
          {t`Practice, not a case`}
        </span>
        {next === null ? null : (
          <Link
            className="button button-ghost button-small"
            to={`/practice/${next}`}
            aria-keyshortcuts={ariaKey}
          >
            {film.feedback ? t`Next` : t`Skip`} <Kbd id="practice.next" />
            <ArrowRight size={14} aria-hidden />
          </Link>
        )}
      </header>
      <Exercise film={film} session={session} next={next} />
    </div>
  );
}

interface PlacesProps {
  readonly session: PracticeSession;
  readonly current: string;
  readonly answered: number;
}

/** One tick for each film: right, not right, or still open. */
function Places({ session, current, answered }: PlacesProps) {
  return (
    <span
      className="places"
      role="img"
      aria-label={t`${answered} of ${session.films.length} films answered`}
    >
      {session.films.map(({ id, is_right }) => (
        <i
          key={id}
          data-is={is_right === null ? "open" : is_right ? "right" : "wrong"}
          data-current={id === current ? "" : undefined}
        />
      ))}
    </span>
  );
}
