/** One of two linked films: its stage, its outline, and the hand that moves both. */
import { t } from "@lingui/core/macro";
import { useMemo, useRef, type Dispatch, type RefObject } from "react";

import { apply, type PointImage } from "@/geometry";
import { ErrorState } from "@/ui/states";

import type { PairAction } from "./comparePairs";
import type { Draft } from "./drawing";
import type { ViewerAction, ViewerState } from "./state";
import { createStore } from "./store";
import { usePointer, type Hover } from "./usePointer";
import type { FilmPlace, StageHandle } from "./useStage";

/** Which slice of a stack is on the canvas. */
export interface Slice {
  readonly index: number;
  readonly count: number;
  /** False: the other stack is where this one has no slice, and its nearest is shown. */
  readonly isHere: boolean;
}

interface ComparePaneProps {
  readonly which: "first" | "other";
  readonly label: string;
  readonly stage: StageHandle;
  readonly elementRef: RefObject<HTMLDivElement | null>;
  /** The first film's: the other follows it. */
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
  /** Null for a film that is no stack. */
  readonly slice: Slice | null;
  /** Another pair of slices is asked for than the one on screen. */
  readonly isLate: boolean;
  /** Null where neither of the two is a stack. */
  readonly onScroll: Dispatch<PairAction> | null;
  /** Corners of what both films show, in pixels of this one; null where nothing is said. */
  readonly edge: readonly PointImage[] | null;
  readonly clip: string | undefined;
  readonly isHidden: boolean;
}

const NO_MEASURES = [] as const;

interface OutlineProps {
  readonly place: FilmPlace;
  readonly edge: readonly PointImage[];
  readonly which: "first" | "other";
}

/** What both films show, on this one. */
function Outline({ place, edge, which }: OutlineProps) {
  const points = edge.map((corner) => apply(place, corner).join(",")).join(" ");
  return (
    <svg className="marks compare-outline" data-which={which} aria-hidden>
      <polygon points={points} />
    </svg>
  );
}

function sliceWords({ index, count, isHere }: Slice): string {
  return isHere
    ? t`slice ${index + 1} of ${count}`
    : t`slice ${index + 1} of ${count}: the nearest, there is none here`;
}

export function ComparePane(props: ComparePaneProps) {
  const { which, label, stage, elementRef, state, dispatch } = props;
  const { edge, clip, isHidden, slice, isLate, onScroll } = props;
  const handRef = useRef<HTMLDivElement>(null);
  const [draft, hover] = useMemo(
    () => [createStore<Draft | null>(null), createStore<Hover | null>(null)] as const,
    [],
  );
  const pointer = usePointer({
    handRef,
    state,
    dispatch,
    place: stage.place,
    measures: NO_MEASURES,
    draft,
    hover,
    onMark: () => undefined,
    onScroll: onScroll && ((steps) => onScroll({ type: "step", steps, side: which })),
  });
  const isReady = stage.film !== null && stage.place !== null && !isLate;
  const place = slice === null ? "" : sliceWords(slice);
  const words = place === "" ? label : `${label}, ${place}`;
  return (
    <div
      className="viewer-film compare-pane"
      data-which={which}
      data-tool={state.tool}
      data-hidden={isHidden ? "" : undefined}
      style={{ clipPath: clip }}
    >
      <div className="viewer-stage" ref={elementRef} aria-hidden />
      {edge && stage.place ? <Outline place={stage.place} edge={edge} which={which} /> : null}
      <div
        className="viewer-hand"
        ref={handRef}
        role="img"
        aria-label={words}
        data-film-ready={isReady ? "" : undefined}
        {...pointer}
      />
      <p
        className="compare-label"
        data-slice={slice === null ? undefined : slice.index + 1}
        data-beyond={slice?.isHere === false ? "" : undefined}
        aria-hidden
      >
        {words}
      </p>
      {stage.error === null && !isReady ? (
        <div className="viewer-state" role="status">
          {slice === null ? t`Loading the film…` : t`Loading the slice…`}
        </div>
      ) : null}
      {stage.error === null ? null : (
        <div className="viewer-state viewer-error">
          <ErrorState
            title={t`The film could not be shown`}
            error={stage.error}
            onRetry={stage.retry}
          />
        </div>
      )}
    </div>
  );
}
