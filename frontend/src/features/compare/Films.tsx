/** The list beside the films: this study's images, earlier studies, films seen before. */
import { t } from "@lingui/core/macro";
import { Copy, History, Lock } from "lucide-react";
import type { ReactNode } from "react";

import { apiUrl } from "@/api/client";
import type { CaseDetail, ImageRef } from "@/api/types";
import { stackHeads, stackOf, type StackStudy } from "@/imaging";
import { ErrorState, SkeletonRows, StaleNote } from "@/ui/states";

import { groupMatches } from "./sides";
import type { Comparison } from "./useCompare";
import { matchWords, priorDate } from "./words";

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

/** "PA", "24 slices", or where the file says nothing, "Image 2". */
function nameOf(study: StackStudy<ImageRef>, image: ImageRef): string {
  const count = stackOf(study, image.id).length;
  if (count > 1) return t`${count} slices`;
  const index = study.images.indexOf(image);
  const words = [image.view, image.laterality].filter((word) => word !== "").join(" ");
  return words === "" ? t`Image ${index + 1}` : words;
}

function isInStackOf(study: StackStudy, headId: string, imageId: string): boolean {
  return stackOf(study, imageId)[0]?.imageId === headId;
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
        stackHeads(prior).map((image) => (
          <Pick
            key={image.id}
            imageId={image.id}
            isShown={pair !== null && isInStackOf(prior, image.id, pair.imageId)}
            onShow={show}
          >
            {priorDate(prior)}
            <small className="muted">
              {[prior.description, prior.modality, nameOf(prior, image)]
                .filter((fact) => fact !== "")
                .join(", ")}
            </small>
          </Pick>
        )),
      )}
    </ul>
  );
}

function Matches({ detail, compare }: { detail: CaseDetail; compare: Comparison }) {
  const { matches, mayAsk, pair, show } = compare;
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
      {groupMatches(detail, matches.data).flatMap((group) => {
        const [match] = group;
        if (match === undefined) return [];
        return (
          <Pick
            key={`${match.image_id}-${match.film.id}`}
            imageId={match.film.id}
            isShown={
              pair?.kind === "match" && group.some(({ film }) => film.id === pair.imageId)
            }
            onShow={show}
          >
            {matchWords(match)}
            {group.length > 1 ? (
              <small className="muted">{t`${group.length} slices match`}</small>
            ) : null}
          </Pick>
        );
      })}
    </ul>
  );
}

export function Films({ detail, compare }: { detail: CaseDetail; compare: Comparison }) {
  const heads = stackHeads(detail);
  return (
    <aside className="compare-list" aria-label={t`Films to compare with`}>
      {heads.length > 1 && compare.pair?.kind !== "match" ? (
        <section>
          <h2>{t`This study`}</h2>
          <ul>
            {heads.map((image) => (
              <Pick
                key={image.id}
                imageId={image.id}
                isShown={isInStackOf(detail, image.id, compare.ownId)}
                onShow={compare.showOwn}
              >
                {nameOf(detail, image)}
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
        <Matches detail={detail} compare={compare} />
      </section>
    </aside>
  );
}
