/** /practice: begin or go on, and one's own progress. */
import { plural, t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { GraduationCap } from "lucide-react";
import { Link } from "react-router";

import { practiceProgressQuery, practiceQuery } from "@/api/queries";
import type { Practice, PracticeSession } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { ScrollPage } from "@/ui/ScrollPage";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

import "./practice.css";
import { Progress } from "./Progress";
import { useEnd, useStart } from "./usePractice";
import { isOpen } from "./words";

/** As many as fit a coffee break. */
const FILMS_AT_ONCE = 20;

export function PracticePage() {
  const practice = useQuery(practiceQuery);
  return (
    <ScrollPage label={t`Practice`}>
      <title>{t`Practice · Truefilm`}</title>
      <div className="page-head">
        <h1>{t`Practice`}</h1>
        <p className="page-lead">
          {t`Films whose truth is known: answer, and you are told at once. Only you see what you answer here; it counts nowhere else.`}
        </p>
      </div>
      <div className="page-body practice-body">
        {practice.data ? (
          <Loaded practice={practice.data} />
        ) : practice.error ? (
          <ErrorState
            title={t`Practice could not be loaded`}
            error={practice.error}
            onRetry={() => void practice.refetch()}
          />
        ) : (
          <SkeletonRows label={t`Loading practice`} count={6} />
        )}
      </div>
    </ScrollPage>
  );
}

function Loaded({ practice }: { practice: Practice }) {
  const { films, session } = practice;
  if (films === 0 && session === null && practice.ended_sessions === 0) {
    return (
      <EmptyState title={t`There is no film to practise on yet`} icon={GraduationCap}>
        <p>{t`A lead or an ML engineer of your site can add some on the staff pages.`}</p>
      </EmptyState>
    );
  }
  return (
    <>
      {session === null ? <Begin films={films} /> : <GoOn session={session} />}
      <OwnProgress />
    </>
  );
}

function Problem({ error }: { error: Error | null }) {
  if (error === null) return null;
  return (
    <p role="alert" className="step-error">
      {t`It did not work. ${error.message}`}
    </p>
  );
}

function Begin({ films }: { films: number }) {
  const start = useStart();
  const count = Math.min(films, FILMS_AT_ONCE);
  return (
    <section className="panel practice-start" aria-label={t`Begin`}>
      <p>
        {films === 0
          ? t`No film is left to practise on.`
          : t`${plural(count, { one: "# film", other: "# films" })} in an order drawn for you; those you have not seen yet first.`}
      </p>
      <Button
        variant="primary"
        disabled={films === 0 || start.isPending}
        onClick={() => start.mutate(FILMS_AT_ONCE)}
      >
        {start.isPending ? t`Beginning…` : t`Begin to practise`}
      </Button>
      <Problem error={start.error} />
    </section>
  );
}

function GoOn({ session }: { session: PracticeSession }) {
  const end = useEnd();
  const answered = session.films.filter((film) => film.is_answered).length;
  const next = session.films.find(isOpen);
  return (
    <section className="panel practice-start" aria-label={t`Go on`}>
      <p>{t`You have answered ${answered} of ${plural(session.films.length, { one: "# film", other: "# films" })}.`}</p>
      {next ? (
        <Link className={buttonClass({ variant: "primary" })} to={`/practice/${next.id}`}>
          {t`Go on`}
        </Link>
      ) : null}
      <Button disabled={end.isPending} onClick={() => end.mutate(session.id)}>
        {t`End it here`}
      </Button>
      <Problem error={end.error} />
    </section>
  );
}

function OwnProgress() {
  const progress = useQuery(practiceProgressQuery);
  if (progress.data) return <Progress progress={progress.data} />;
  if (progress.error) {
    return (
      <ErrorState
        title={t`Your progress could not be loaded`}
        error={progress.error}
        onRetry={() => void progress.refetch()}
      />
    );
  }
  return <SkeletonRows label={t`Loading your progress`} count={6} />;
}
