/** Two films moved as one: side by side, swiped, blinking, or their difference. */
import { useEffect, useMemo, useReducer, useRef } from "react";

import { ComparePane } from "./ComparePane";
import { CompareTools, SwipeHandle } from "./CompareTools";
import { compareReducer, FIRST_COMPARE } from "./compareModes";
import { AS_IS, linkedLook, linkedView, type Alignment } from "./linked";
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

/** The other film where and as the first one is. */
function useLinked(first: ViewerState, other: ViewerState, by: Alignment): ViewerState {
  return useMemo(() => {
    const { view, shape, look, firstLook } = first;
    if (!view || !shape || !look || !firstLook || !other.shape || !other.firstLook) {
      return other;
    }
    return {
      ...other,
      view: linkedView(view, shape, other.shape, by),
      look: linkedLook(look, firstLook, other.firstLook, by),
    };
  }, [first, other, by]);
}

export function CompareViewer({ first, other, alignment }: CompareViewerProps) {
  const firstRef = useRef<HTMLDivElement>(null);
  const otherRef = useRef<HTMLDivElement>(null);
  const filmsRef = useRef<HTMLDivElement>(null);
  const [state, dispatch] = useReducer(viewerReducer, initialViewer);
  const [otherState, dispatchOther] = useReducer(viewerReducer, initialViewer);
  const [compared, onCompare] = useReducer(compareReducer, FIRST_COMPARE);
  const linked = useLinked(state, otherState, alignment ?? AS_IS);
  const stage = useStage(firstRef, first.imageId, first.frame, first.imageId, state, dispatch);
  const otherStage = useStage(
    otherRef,
    other.imageId,
    other.frame,
    other.imageId,
    linked,
    dispatchOther,
  );
  useCompareShortcuts({ state, dispatch, compared, onCompare });

  // Side by side each film has half the room: fit both again.
  const isBeside = compared.mode === "side";
  useEffect(() => dispatch({ type: "fit" }), [isBeside]);

  const { mode, swipe, showsOther } = compared;
  return (
    <section className="viewer compare-viewer" aria-label="Two films">
      <div className="compare-films" data-mode={mode} ref={filmsRef}>
        <ComparePane
          which="first"
          label={first.label}
          stage={stage}
          elementRef={firstRef}
          state={state}
          dispatch={dispatch}
          isOutlined={alignment !== null}
          clip={undefined}
          isHidden={mode === "blink" && showsOther}
        />
        <ComparePane
          which="other"
          label={other.label}
          stage={otherStage}
          elementRef={otherRef}
          state={state}
          dispatch={dispatch}
          isOutlined={alignment !== null}
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
