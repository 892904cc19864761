/** What lies on either side: a film, or the stack it is a slice of. Pure. */
import type { CaseDetail, Match, Prior, Series } from "@/api/types";
import { framesOf, stackOf, type FramePlace } from "@/imaging";
import type { ComparedStack } from "@/viewer";

export type Pair =
  | { readonly kind: "prior"; readonly prior: Prior; readonly imageId: string }
  | { readonly kind: "match"; readonly match: Match; readonly imageId: string };

interface FirstSide {
  readonly stack: ComparedStack;
  /** The slice to begin with. */
  readonly index: number;
}

interface OtherSide {
  readonly stack: ComparedStack;
  /** Null where nothing says which slice belongs to the first one's. */
  readonly index: number | null;
}

/** The frame the lanes look at, of a film that has several. */
export function frameLookedAt(frameCount: number): number {
  return Math.floor(frameCount / 2);
}

function indexOf(places: readonly FramePlace[], imageId: string, frame: number): number {
  const at = places.findIndex((place) => place.imageId === imageId && place.frame === frame);
  return Math.max(0, at);
}

/** Return this case's side; `frame` is the one asked for, of a film that has several. */
export function ownOf(
  detail: Pick<CaseDetail, "images" | "modality">,
  pair: Pair | null,
  ownId: string,
  frame: number,
  series: Series | undefined,
): FirstSide {
  const places = stackOf(detail, ownId);
  const image = detail.images.find(({ id }) => id === ownId);
  const isMatched = pair?.kind === "match";
  const at = isMatched ? frameLookedAt(image?.frame_count ?? 1) : frame;
  return {
    stack: { places, images: series?.images ?? [] },
    index: indexOf(places, ownId, at),
  };
}

/** Return the side of the earlier study or of the film seen before. */
export function otherOf(pair: Pair, series: Series | undefined): OtherSide {
  const images = series?.images ?? [];
  if (pair.kind === "prior") {
    const places = stackOf(pair.prior, pair.imageId);
    const index = indexOf(places, pair.imageId, 0);
    // The first stands for its stack in the list; another was asked for by itself.
    return { stack: { places, images }, index: index === 0 ? null : index };
  }
  const { film } = pair.match;
  const known = series === undefined ? [] : stackOf(series, film.id);
  const places = known.length > 0 ? known : framesOf(film);
  return {
    stack: { places, images },
    index: indexOf(places, film.id, frameLookedAt(film.frame_count)),
  };
}

/** Matches of one stack with another are one line of the list: each slice has its own. */
export function groupMatches(
  detail: Pick<CaseDetail, "images" | "modality">,
  matches: readonly Match[],
): readonly (readonly Match[])[] {
  const groups = new Map<string, Match[]>();
  for (const match of matches) {
    const stack = stackOf(detail, match.image_id);
    const isSlice = new Set(stack.map(({ imageId }) => imageId)).size > 1;
    const key = isSlice
      ? `${stack[0]?.imageId ?? ""} ${match.film.series_id}`
      : `${match.image_id} ${match.film.id}`;
    groups.set(key, [...(groups.get(key) ?? []), match]);
  }
  return [...groups.values()];
}
