/** /cases/:id/compare: a film beside an earlier study, or beside the film it matches. */
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useEffect, useMemo } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { CaseError } from "@/answering/CaseError";
import { caseQuery } from "@/api/queries";
import type { CaseDetail } from "@/api/types";
import { formatAgeSex, formatPatientName } from "@/ui/format";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";
import { CompareViewer, type ComparedStack } from "@/viewer";

import { Films } from "./Films";
import type { Pair } from "./sides";
import { useCompare, type Comparison } from "./useCompare";
import { alignmentOf, matchWords, priorTitle, priorWords, sliceMatchWords } from "./words";
import "./compare.css";

export default function ComparePage() {
  const { id = "" } = useParams();
  const query = useQuery(caseQuery(id));
  useEffect(() => {
    document.title = t`Compare · Truefilm`;
  }, []);
  if (query.data) return <Compare detail={query.data} />;
  if (query.error) {
    return <CaseError error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <SkeletonRows label={t`Opening the case`} count={10} />;
}

function wordsOf({ pair, own, other }: Comparison): string {
  if (pair === null || other === null) return "";
  const [here, there] = [own, other].map(({ stack, index }) =>
    stack.places.length > 1 ? (index ?? 0) + 1 : null,
  );
  if (pair.kind === "prior") return priorWords(pair.prior, (here ?? there) !== null);
  return sliceMatchWords(matchWords(pair.match), here ?? null, there ?? null);
}

function stackName({ places, images }: ComparedStack): string {
  return `${places.length}/${images.length}`;
}

function labelOf(pair: Pair): string {
  if (pair.kind === "prior") return priorTitle(pair.prior);
  return pair.match.is_same_patient
    ? t`Another study of this patient`
    : t`Another patient's film`;
}

function Compare({ detail }: { detail: CaseDetail }) {
  const navigate = useNavigate();
  const compare = useCompare(detail);
  const { pair, ownId, own, other } = compare;
  const back = `/cases/${detail.id}`;
  useShortcuts(
    t`Page`,
    useMemo<Shortcut[]>(
      () => [
        {
          id: "compare.back",
          run: () => void navigate(back),
        },
      ],
      [navigate, back],
    ),
  );
  const alignment = useMemo(
    () => (pair?.kind === "match" ? alignmentOf(pair.match) : null),
    [pair],
  );
  const sides = [own, other].flatMap((side) => side?.stack ?? []);
  const isStack = sides.some(({ places }) => places.length > 1);
  const words = wordsOf(compare);
  // Another patient's film is shown when it is asked for, not of itself.
  const offersMatch = (compare.matches.data ?? []).length > 0;
  return (
    <div className="compare">
      <header className="compare-head">
        <Link className="button button-ghost button-small" to={back}>
          <ArrowLeft size={15} aria-hidden />
          <Trans>
            Back to the case <kbd aria-hidden>Esc</kbd>
          </Trans>
        </Link>
        <h1>
          {formatPatientName(detail.patient.name)}
          <span> {formatAgeSex(detail.patient.age_years, detail.patient.sex)}</span>
        </h1>
        <span className="truncate">{detail.description}</span>
      </header>
      <p className="compare-strip" role="status">
        {pair
          ? compare.isInstead
            ? t`The film asked for cannot be shown here. Instead: ${words}`
            : words
          : compare.isWaiting
            ? t`Looking for films…`
            : compare.error
              ? t`It is not known what this film may be laid beside.`
              : offersMatch
                ? t`No film lies beside this one yet.`
                : t`No second film to lay beside this one.`}
        {pair && compare.seriesError ? (
          <> {t`Where the slices lie could not be loaded.`}</>
        ) : null}
      </p>
      <div className="compare-main">
        {compare.isWaiting ? (
          <SkeletonRows label={t`Looking for films`} count={6} />
        ) : pair && other && ownId !== "" ? (
          <CompareViewer
            // A slice that came meanwhile, or its place, makes another stack of it.
            key={[ownId, pair.imageId, ...sides.map(stackName)].join(" ")}
            first={{ ...own, label: isStack ? t`This study` : t`This film` }}
            other={{ ...other, label: labelOf(pair) }}
            alignment={alignment}
          />
        ) : compare.error ? (
          // The list below says the same and offers to try again.
          <ErrorState title={t`The films could not be listed`} error={compare.error} />
        ) : (
          <EmptyState
            title={
              offersMatch
                ? t`Choose a film that was seen before`
                : t`Nothing to compare this film with`
            }
            isPage
          >
            <p>{t`This patient has no earlier study here.`}</p>
            {compare.mayAsk ? null : (
              <p>{t`Films seen before under another name are listed once you have sealed.`}</p>
            )}
          </EmptyState>
        )}
      </div>
      <Films detail={detail} compare={compare} />
    </div>
  );
}
