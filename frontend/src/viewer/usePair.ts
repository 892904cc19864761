/** Which slices of two stacks are on screen: scrolled as one, never one without the other. */
import { useEffect, useMemo, useReducer, useState, type Dispatch } from "react";

import type { FramePlace } from "@/imaging";
import { films } from "@/imaging/cornerstone";

import {
  changePair,
  linkStacks,
  pairOf,
  placesAhead,
  startPair,
  type ComparedStack,
  type Linking,
  type Pair,
  type PairAction,
  type PairState,
} from "./comparePairs";

/** Slices whose pixels are here; those asked for may still be on their way. */
interface Shown {
  readonly pair: Pair;
  readonly first: FramePlace;
  readonly other: FramePlace;
}

export interface PairHandle {
  readonly linking: Linking;
  readonly state: PairState;
  readonly dispatch: Dispatch<PairAction>;
  /** The slices asked for: a slider follows the hand. */
  readonly wanted: Pair;
  /** The slices to be drawn. */
  readonly shown: Shown;
  /** Whether one of the two has more than one slice. */
  readonly isStack: boolean;
}

const NOWHERE: FramePlace = { imageId: "", frame: 0 };

/** Return what is asked for once both have arrived, until then what was shown before. */
function useArrived(asked: Shown, isStack: boolean): Shown {
  const [arrived, setArrived] = useState(asked);
  useEffect(() => {
    if (!isStack) return;
    let left = false;
    const both = [asked.first, asked.other].map((at) => films.load(at.imageId, at.frame));
    // One that fails is asked for again by its stage, which says why.
    void Promise.allSettled(both).then(() => {
      if (!left) setArrived(asked);
    });
    return () => {
      left = true;
    };
  }, [asked, isStack]);
  return arrived;
}

/** `first` and `other` must be the same objects as long as the stacks are the same. */
export function usePair(
  first: ComparedStack,
  other: ComparedStack,
  firstIndex: number,
  otherIndex: number | null,
): PairHandle {
  const linking = useMemo(() => linkStacks(first, other), [first, other]);
  const [state, dispatch] = useReducer(
    (before: PairState, action: PairAction) => changePair(linking, before, action),
    null,
    () => startPair(linking, firstIndex, otherIndex),
  );
  const wanted = useMemo(() => pairOf(linking, state), [linking, state]);
  const asked = useMemo(
    () => ({
      pair: wanted,
      first: first.places[wanted.first] ?? NOWHERE,
      other: other.places[wanted.other] ?? NOWHERE,
    }),
    [wanted, first, other],
  );
  const isStack = first.places.length > 1 || other.places.length > 1;
  useEffect(() => {
    if (isStack) films.prefetchAround(placesAhead(linking, state, first.places, other.places));
  }, [isStack, linking, state, first, other]);
  return { linking, state, dispatch, wanted, shown: useArrived(asked, isStack), isStack };
}
