/** What this case may be laid beside, and which pair is on the screen; the URL says which. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "react-router";

import { matchesQuery, priorsQuery, seriesQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { CaseDetail, Match, Prior } from "@/api/types";
import { stackOf } from "@/imaging";

import { otherOf, ownOf, type Pair } from "./sides";

/**
 * Never asked for before the seal on a blind worklist: the server would refuse anyway. Who
 * settles a case has not read it: only a link in the evidence they opened asks (`isSettling`).
 */
export function asksMatches(
  detail: Pick<CaseDetail, "first_read" | "worklist">,
  isSettling = false,
): boolean {
  return detail.first_read !== null || detail.worklist.mode === "triage" || isSettling;
}

/** Return the pair whose other film is asked for, else the newest earlier study. */
export function choosePair(
  priors: readonly Prior[],
  matches: readonly Match[],
  wanted: string | null,
): Pair | null {
  const match = matches.find(({ film }) => film.id === wanted);
  if (match) return { kind: "match", match, imageId: match.film.id };
  const prior =
    priors.find(({ images }) => images.some(({ id }) => id === wanted)) ?? priors[0];
  const image = prior?.images.find(({ id }) => id === wanted) ?? prior?.images[0];
  return prior && image ? { kind: "prior", prior, imageId: image.id } : null;
}

/** Return the image of this case that goes with the pair. */
export function chooseOwn(
  detail: Pick<CaseDetail, "images">,
  pair: Pair | null,
  wanted: string | null,
): string {
  if (pair?.kind === "match") return pair.match.image_id;
  return (detail.images.find(({ id }) => id === wanted) ?? detail.images[0])?.id ?? "";
}

/** What the files say of where the slices lie; asked for only where there may be slices. */
function useSeries(detail: CaseDetail, pair: Pair | null, ownId: string) {
  const isOwnStack = stackOf(detail, ownId).length > 1;
  // Of a film seen before only its series says whether it is a slice.
  const isOtherStack =
    pair !== null && (pair.kind === "match" || stackOf(pair.prior, pair.imageId).length > 1);
  const own = useQuery({ ...seriesQuery(ownId), enabled: isOwnStack && pair !== null });
  const other = useQuery({ ...seriesQuery(pair?.imageId ?? ""), enabled: isOtherStack });
  return {
    own: own.data,
    other: other.data,
    isWaiting:
      pair !== null && ((isOwnStack && own.isPending) || (isOtherStack && other.isPending)),
    error: own.error ?? other.error,
  };
}

export function useCompare(detail: CaseDetail) {
  const [params, setParams] = useSearchParams();
  const me = useMe();
  const priors = useQuery(priorsQuery(detail.id));
  const wanted = params.get("with");
  const isSettling =
    wanted !== null && detail.state === "adjudication" && may(me, "adjudicate");
  const mayAsk = asksMatches(detail, isSettling);
  const matches = useQuery({ ...matchesQuery(detail.id), enabled: mayAsk });
  // Till the matches are here, one that is asked for must not be taken for a missing prior.
  const isWaiting = priors.isPending || (mayAsk && matches.isPending && wanted !== null);
  const pair = useMemo(
    () => (isWaiting ? null : choosePair(priors.data ?? [], matches.data ?? [], wanted)),
    [isWaiting, priors.data, matches.data, wanted],
  );
  const ownId = chooseOwn(detail, pair, params.get("image"));
  const series = useSeries(detail, pair, ownId);
  const frame = Number(params.get("frame") ?? 0);
  const own = useMemo(
    () => ownOf(detail, pair, ownId, frame, series.own),
    [detail, pair, ownId, frame, series.own],
  );
  const other = useMemo(() => pair && otherOf(pair, series.other), [pair, series.other]);
  // A place in a stack stays when another study is laid beside it.
  const kept = own.stack.places.length > 1 ? ["image", "frame"] : [];
  const here = Object.fromEntries(
    kept.flatMap((name) => {
      const value = params.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  return {
    priors,
    matches,
    mayAsk,
    isWaiting: isWaiting || series.isWaiting,
    pair,
    own,
    other,
    /** It could not be learned how the slices lie: they are scrolled by their number. */
    seriesError: series.error,
    /** Another film was asked for: gone, or not to be shown to this reader. */
    isInstead: pair !== null && wanted !== null && pair.imageId !== wanted,
    error: priors.error ?? matches.error,
    ownId,
    show: (withId: string) => setParams({ ...here, with: withId }, { replace: true }),
    showOwn: (image: string) =>
      setParams({ ...(pair ? { with: pair.imageId } : {}), image }, { replace: true }),
  };
}

export type Comparison = ReturnType<typeof useCompare>;
