/** What this case may be laid beside, and which pair is on the screen; the URL says which. */
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { matchesQuery, priorsQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { CaseDetail, Match, Prior } from "@/api/types";

export type Pair =
  | { readonly kind: "prior"; readonly prior: Prior; readonly imageId: string }
  | { readonly kind: "match"; readonly match: Match; readonly imageId: string };

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
  const pair = isWaiting ? null : choosePair(priors.data ?? [], matches.data ?? [], wanted);
  return {
    priors,
    matches,
    mayAsk,
    isWaiting,
    pair,
    /** Another film was asked for: gone, or not to be shown to this reader. */
    isInstead: pair !== null && wanted !== null && pair.imageId !== wanted,
    error: priors.error ?? matches.error,
    ownId: chooseOwn(detail, pair, params.get("image")),
    show: (withId: string) => setParams({ with: withId }, { replace: true }),
    showOwn: (image: string) =>
      setParams({ ...(pair ? { with: pair.imageId } : {}), image }, { replace: true }),
  };
}

export type Comparison = ReturnType<typeof useCompare>;
