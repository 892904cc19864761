/** Two films moved as one: side by side, swiped, blinking, or their difference. */
import { t } from "@lingui/core/macro";
import { useEffect, useMemo, useReducer, useRef, useState } from "react";

import type { FramePlace } from "@/imaging";

import { ComparePane, type Slice } from "./ComparePane";
import type { ComparedStack, Pair, Side } from "./comparePairs";
import { CompareStackBar } from "./CompareStackBar";
import { CompareTools, SwipeHandle } from "./CompareTools";
import { compareReducer, FIRST_COMPARE } from "./compareModes";
import {
  AS_IS,
  cropWords,
  linkedLook,
  linkedView,
  sharedCorners,
  WHOLE,
  type Alignment,
  type Crop,
} from "./linked";
import { findCrop, turnsOver } from "./register";
import { initialViewer, viewerReducer, type ViewerState } from "./state";
import { useCompareShortcuts } from "./useCompareShortcuts";
import { usePair } from "./usePair";
import { useDrawing, useLoadedStage, type StageHandle } from "./useStage";
import "./viewer.css";
import "./compare.css";

interface ComparedFilm {
  /** A film is a stack of one. */
  readonly stack: ComparedStack;
  /** What the film is, on screen and read out. */
  readonly label: string;
}

interface CompareViewerProps {
  /** `index`: the slice to begin with. */
  readonly first: ComparedFilm & { readonly index: number };
  /** `index` is null where nothing says which slice belongs to the first one's. */
  readonly other: ComparedFilm & { readonly index: number | null };
  /** Null where nothing says how the films lie to each other: whole on whole, as they are. */
  readonly alignment: Alignment | null;
}

/** What the pixels of both say beyond the lane's words. */
interface Fit {
  readonly crop: Crop;
  readonly isTurnedOver: boolean;
}

/** The other film where and as the first one is. */
function useLinked(
  first: ViewerState,
  other: ViewerState,
  by: Alignment,
  fit: Fit,
): ViewerState {
  return useMemo(() => {
    const { view, shape, look, firstLook } = first;
    if (!view || !shape || !look || !firstLook || !other.shape || !other.firstLook) {
      return other;
    }
    return {
      ...other,
      view: linkedView(view, shape, other.shape, by, fit.crop),
      look: linkedLook(look, firstLook, other.firstLook, by, fit.isTurnedOver),
    };
  }, [first, other, by, fit]);
}

function withWords(label: string, words: string): string {
  return words === "" ? label : `${label}, ${words}`;
}

/** Null for a film, which is no slice of anything. */
function sliceOf({ places }: ComparedStack, drawn: Pair | null, side: Side): Slice | null {
  if (places.length < 2 || drawn === null) return null;
  const isHere = side === "first" ? drawn.isFirstHere : drawn.isOtherHere;
  return { index: drawn[side], count: places.length, isHere };
}

function isOn(stage: StageHandle, at: FramePlace): boolean {
  return stage.film?.meta.id === at.imageId && stage.film.frame === at.frame;
}

/** The last pair of which both slices were here together: what is on the canvases. */
function useDrawn(pair: Pair, isWhole: boolean): Pair | null {
  const [drawn, setDrawn] = useState<Pair | null>(null);
  if (isWhole && drawn !== pair) setDrawn(pair);
  return isWhole ? pair : drawn;
}

/** What both say beyond the lane's words: found once, for the films the pair began with. */
function useFit(
  stage: StageHandle,
  otherStage: StageHandle,
  alignment: Alignment | null,
  isWhole: boolean,
): Fit {
  const by = alignment ?? AS_IS;
  const [found, setFound] = useState<Fit | null>(null);
  const [film, otherFilm] = [stage.film, otherStage.film];
  const isFound = found !== null;
  useEffect(() => {
    if (isFound || !isWhole || film === null || otherFilm === null) return;
    // Some 0.1 s of work: after the films have been drawn.
    const timer = setTimeout(() => {
      setFound({
        crop: (alignment && findCrop(film, otherFilm, alignment)) ?? WHOLE,
        isTurnedOver: turnsOver(film, otherFilm, by),
      });
    }, 50);
    return () => clearTimeout(timer);
  }, [film, otherFilm, alignment, by, isFound, isWhole]);
  return useMemo(
    () => found ?? { crop: WHOLE, isTurnedOver: by.inverted },
    [found, by.inverted],
  );
}

export function CompareViewer({ first, other, alignment }: CompareViewerProps) {
  const firstRef = useRef<HTMLDivElement>(null);
  const otherRef = useRef<HTMLDivElement>(null);
  const filmsRef = useRef<HTMLDivElement>(null);
  const [state, dispatch] = useReducer(viewerReducer, initialViewer);
  const [otherState, dispatchOther] = useReducer(viewerReducer, initialViewer);
  const [compared, onCompare] = useReducer(compareReducer, FIRST_COMPARE);
  const pairing = usePair(first.stack, other.stack, first.index, other.index);
  const { shown, wanted, isStack } = pairing;
  const stage = useLoadedStage(
    firstRef,
    shown.first.imageId,
    shown.first.frame,
    first.stack.places[0]?.imageId ?? "",
    dispatch,
  );
  const otherStage = useLoadedStage(
    otherRef,
    shown.other.imageId,
    shown.other.frame,
    other.stack.places[0]?.imageId ?? "",
    dispatchOther,
  );
  const isWhole = isOn(stage, shown.first) && isOn(otherStage, shown.other);
  const drawn = useDrawn(shown.pair, isWhole);
  const fit = useFit(stage, otherStage, alignment, isWhole);
  const linked = useLinked(state, otherState, alignment ?? AS_IS, fit);
  // A slice waits for the one it belongs to; one that cannot come is not waited for.
  const isBroken = stage.error !== null || otherStage.error !== null;
  const isHeld = isStack && !isWhole && !isBroken;
  useDrawing(stage, state, isHeld);
  useDrawing(otherStage, linked, isHeld);
  const { shape } = state;
  const otherShape = otherState.shape;
  const edges = useMemo(
    () =>
      alignment && shape && otherShape
        ? sharedCorners(shape, otherShape, alignment, fit.crop)
        : null,
    [alignment, shape, otherShape, fit],
  );
  const cropped = cropWords(fit.crop);
  useCompareShortcuts({ state, dispatch, compared, onCompare, pairing });

  // Side by side each film has half the room: fit both again.
  const isBeside = compared.mode === "side";
  useEffect(() => dispatch({ type: "fit" }), [isBeside]);

  const { mode, swipe, showsOther } = compared;
  const isApart = drawn !== null && !(drawn.isFirstHere && drawn.isOtherHere);
  const panes = { state, dispatch, onScroll: isStack ? pairing.dispatch : null };
  return (
    <section className="viewer compare-viewer" aria-label={t`Two films`}>
      <div
        className="compare-films"
        data-mode={mode}
        data-waiting={drawn === null || isBroken ? "" : undefined}
        ref={filmsRef}
      >
        <ComparePane
          {...panes}
          which="first"
          label={withWords(first.label, cropped.first)}
          stage={stage}
          elementRef={firstRef}
          slice={sliceOf(first.stack, drawn, "first")}
          isLate={isStack && wanted !== drawn}
          edge={edges?.first ?? null}
          clip={undefined}
          isHidden={mode === "blink" && showsOther}
        />
        <ComparePane
          {...panes}
          which="other"
          label={withWords(other.label, cropped.other)}
          stage={otherStage}
          elementRef={otherRef}
          slice={sliceOf(other.stack, drawn, "other")}
          isLate={isStack && wanted !== drawn}
          edge={edges?.other ?? null}
          clip={mode === "swipe" ? `inset(0 0 0 ${swipe}%)` : undefined}
          isHidden={mode === "blink" && !showsOther}
        />
        {mode === "difference" && isApart ? (
          <p className="compare-note" role="status">
            {t`One side has no slice here: this is no difference of two slices at one place.`}
          </p>
        ) : null}
        {mode === "swipe" ? (
          <SwipeHandle filmsRef={filmsRef} swipe={swipe} onCompare={onCompare} />
        ) : null}
      </div>
      {isStack ? (
        <CompareStackBar
          pairing={pairing}
          first={{ label: first.label, count: first.stack.places.length }}
          other={{ label: other.label, count: other.stack.places.length }}
        />
      ) : null}
      <CompareTools
        compared={compared}
        onCompare={onCompare}
        dispatch={dispatch}
        inverted={state.look?.inverted ?? false}
        flipped={state.view?.flipped ?? false}
        tool={state.tool}
        isApart={isApart}
        shown={mode === "blink" ? (showsOther ? other.label : first.label) : null}
      />
    </section>
  );
}
