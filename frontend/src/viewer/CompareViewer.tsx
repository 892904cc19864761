/** Two films moved as one: side by side, swiped, blinking, or their difference. */
import { t } from "@lingui/core/macro";
import { useEffect, useMemo, useReducer, useRef, useState } from "react";

import { ComparePane } from "./ComparePane";
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
import { useStage } from "./useStage";
import "./viewer.css";
import "./compare.css";

interface ComparedFilm {
  readonly imageId: string;
  readonly frame: number;
  /** What the film is, on screen and read out. */
  readonly label: string;
}

interface CompareViewerProps {
  readonly first: ComparedFilm;
  readonly other: ComparedFilm;
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

export function CompareViewer({ first, other, alignment }: CompareViewerProps) {
  const firstRef = useRef<HTMLDivElement>(null);
  const otherRef = useRef<HTMLDivElement>(null);
  const filmsRef = useRef<HTMLDivElement>(null);
  const [state, dispatch] = useReducer(viewerReducer, initialViewer);
  const [otherState, dispatchOther] = useReducer(viewerReducer, initialViewer);
  const [compared, onCompare] = useReducer(compareReducer, FIRST_COMPARE);
  // The stage of the other film needs its view, which needs both films: found on the way.
  const by = alignment ?? AS_IS;
  const [found, setFound] = useState<Fit | null>(null);
  const fit = useMemo(
    () => found ?? { crop: WHOLE, isTurnedOver: by.inverted },
    [found, by.inverted],
  );
  const linked = useLinked(state, otherState, by, fit);
  const stage = useStage(firstRef, first.imageId, first.frame, first.imageId, state, dispatch);
  const otherStage = useStage(
    otherRef,
    other.imageId,
    other.frame,
    other.imageId,
    linked,
    dispatchOther,
  );
  const [film, otherFilm] = [stage.film, otherStage.film];
  useEffect(() => {
    if (film === null || otherFilm === null) return;
    // Some 0.1 s of work: after the films have been drawn.
    const timer = setTimeout(() => {
      setFound({
        crop: (alignment && findCrop(film, otherFilm, alignment)) ?? WHOLE,
        isTurnedOver: turnsOver(film, otherFilm, by),
      });
    }, 50);
    return () => clearTimeout(timer);
  }, [film, otherFilm, alignment, by]);
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
  useCompareShortcuts({ state, dispatch, compared, onCompare });

  // Side by side each film has half the room: fit both again.
  const isBeside = compared.mode === "side";
  useEffect(() => dispatch({ type: "fit" }), [isBeside]);

  const { mode, swipe, showsOther } = compared;
  return (
    <section className="viewer compare-viewer" aria-label={t`Two films`}>
      <div className="compare-films" data-mode={mode} ref={filmsRef}>
        <ComparePane
          which="first"
          label={withWords(first.label, cropped.first)}
          stage={stage}
          elementRef={firstRef}
          state={state}
          dispatch={dispatch}
          edge={edges?.first ?? null}
          clip={undefined}
          isHidden={mode === "blink" && showsOther}
        />
        <ComparePane
          which="other"
          label={withWords(other.label, cropped.other)}
          stage={otherStage}
          elementRef={otherRef}
          state={state}
          dispatch={dispatch}
          edge={edges?.other ?? null}
          clip={mode === "swipe" ? `inset(0 0 0 ${swipe}%)` : undefined}
          isHidden={mode === "blink" && !showsOther}
        />
        {mode === "swipe" ? (
          <SwipeHandle filmsRef={filmsRef} swipe={swipe} onCompare={onCompare} />
        ) : null}
      </div>
      <CompareTools
        compared={compared}
        onCompare={onCompare}
        dispatch={dispatch}
        inverted={state.look?.inverted ?? false}
        flipped={state.view?.flipped ?? false}
        tool={state.tool}
        shown={mode === "blink" ? (showsOther ? other.label : first.label) : null}
      />
    </section>
  );
}
