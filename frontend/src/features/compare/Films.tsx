/** The list beside the films: this study's images, earlier studies, films seen before. */
import { t } from "@lingui/core/macro";
import { Copy, History, Lock } from "lucide-react";
import type { ReactNode } from "react";

import { apiUrl } from "@/api/client";
import type { CaseDetail } from "@/api/types";
import { ErrorState, SkeletonRows, StaleNote } from "@/ui/states";

import type { Comparison } from "./useCompare";
import { matchWords, priorTitle } from "./words";

interface PickProps {
  readonly imageId: string;
  readonly isShown: boolean;
  readonly onShow: (imageId: string) => void;
  readonly children: ReactNode;
}

function Pick({ imageId, isShown, onShow, children }: PickProps) {
  return (
    <li>
      <button
        type="button"
        className="compare-pick"
        aria-current={isShown ? "true" : undefined}
        onClick={(event) => {
          onShow(imageId);
          if (event.detail > 0) event.currentTarget.blur();
        }}
      >
        <img
          src={apiUrl(`/images/${imageId}/preview`, { size: 128 })}
          alt=""
          width={56}
          height={56}
          loading="lazy"
        />
        <span>{children}</span>
      </button>
    </li>
  );
}

function nameOf(image: { view: string; laterality: string }, index: number): string {
  const words = [image.view, image.laterality].filter((word) => word !== "").join(" ");
  return words === "" ? t`Image ${index + 1}` : words;
}

/** Films listed before stay listed when they could not be listed again. */
function Stale({ query }: { query: Comparison["priors"] | Comparison["matches"] }) {
  if (!query.data) return null;
  return <StaleNote error={query.error} onRetry={() => void query.refetch()} />;
}

function Priors({ priors, pair, show }: Comparison) {
  if (!priors.data && priors.error) {
    return (
      <ErrorState
        title={t`Earlier studies could not be loaded`}
        error={priors.error}
        onRetry={() => void priors.refetch()}
      />
    );
  }
  if (!priors.data) return <SkeletonRows label={t`Looking for earlier studies`} count={3} />;
  if (priors.data.length === 0) {
    return <p className="muted">{t`This patient has no earlier study here.`}</p>;
  }
  return (
    <ul>
      {priors.data.flatMap((prior) =>
        prior.images.map((image, i) => (
          <Pick
            key={image.id}
            imageId={image.id}
            isShown={pair?.imageId === image.id}
            onShow={show}
          >
            {priorTitle(prior)}
            <small className="muted">{nameOf(image, i)}</small>
          </Pick>
        )),
      )}
    </ul>
  );
}

function Matches({ matches, mayAsk, pair, show }: Comparison) {
  if (!mayAsk) {
    return (
      <p className="muted">
        <Lock size={13} aria-hidden /> {t`After you have sealed an answer.`}
      </p>
    );
  }
  if (!matches.data && matches.error) {
    return (
      <ErrorState
        title={t`Films seen before could not be loaded`}
        error={matches.error}
        onRetry={() => void matches.refetch()}
      />
    );
  }
  if (!matches.data) return <SkeletonRows label={t`Looking for films seen before`} count={2} />;
  if (matches.data.length === 0) {
    return <p className="muted">{t`No film seen before that you may look at.`}</p>;
  }
  return (
    <ul>
      {matches.data.map((match) => (
        <Pick
          key={`${match.image_id}-${match.film.id}`}
          imageId={match.film.id}
          isShown={pair?.kind === "match" && pair.imageId === match.film.id}
          onShow={show}
        >
          {matchWords(match)}
        </Pick>
      ))}
    </ul>
  );
}

export function Films({ detail, compare }: { detail: CaseDetail; compare: Comparison }) {
  return (
    <aside className="compare-list" aria-label={t`Films to compare with`}>
      {detail.images.length > 1 && compare.pair?.kind !== "match" ? (
        <section>
          <h2>{t`This study`}</h2>
          <ul>
            {detail.images.map((image, i) => (
              <Pick
                key={image.id}
                imageId={image.id}
                isShown={compare.ownId === image.id}
                onShow={compare.showOwn}
              >
                {nameOf(image, i)}
              </Pick>
            ))}
          </ul>
        </section>
      ) : null}
      <section>
        <h2>
          <History size={14} aria-hidden /> {t`Earlier studies`}
        </h2>
        <Stale query={compare.priors} />
        <Priors {...compare} />
      </section>
      <section>
        <h2>
          <Copy size={14} aria-hidden /> {t`Seen before`}
        </h2>
        <Stale query={compare.matches} />
        <Matches {...compare} />
      </section>
    </aside>
  );
}
