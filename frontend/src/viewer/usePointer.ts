/** Mouse, pen and touch on the film. */
import {
  useCallback,
  useEffect,
  useRef,
  type Dispatch,
  type PointerEvent,
  type RefObject,
} from "react";

import {
  apply,
  clampToFilm,
  distance,
  invert,
  pointCanvas,
  type PointCanvas,
  type PointImage,
} from "@/geometry";

import { isByHand, isDrawing, LEAST_CORNERS, placePoint, type Draft } from "./drawing";
import { hitMeasure, moveAll, moveHandle, type Measure } from "./measures";
import type { Tool, ViewerAction, ViewerState } from "./state";
import type { Store } from "./store";
import type { FilmPlace } from "./useStage";

/** Where the pointer is; null when it is not on the film's viewport. */
export interface Hover {
  readonly image: PointImage;
  readonly canvas: PointCanvas;
}

/** A measure taken hold of: as it was, where, and by which handle (null: the whole). */
interface Held {
  readonly measure: Measure;
  readonly from: PointImage;
  readonly handle: number | null;
}

type Drag = {
  readonly what: "window" | "pan" | "zoom" | "draw" | "measure";
  readonly held: Held | null;
  x: number;
  y: number;
  moved: boolean;
};

interface PointerOptions {
  /** The element that takes the pointer. */
  readonly handRef: RefObject<HTMLDivElement | null>;
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly place: FilmPlace | null;
  /** Of the frame shown. */
  readonly measures: readonly Measure[];
  readonly draft: Store<Draft | null>;
  readonly hover: Store<Hover | null>;
  readonly onMark: (tool: Tool, points: readonly PointImage[]) => void;
  /** Steps through the stack; null where there is none. */
  readonly onScroll: ((steps: number) => void) | null;
}

/** A drag across 600 px runs through the window the film came with. */
const DRAG_FOR_ONE_WINDOW_PX = 600;
const ZOOM_PER_WHEEL_PX = 0.0015;
const WHEEL_PX_PER_FRAME = 60;
const CLOSE_WITHIN_PX = 12;

function dragFor(event: PointerEvent, tool: Tool): Drag["what"] {
  if (event.button === 1) return "pan";
  if (event.button === 2) return "zoom";
  return tool === "window" || tool === "pan" ? tool : "draw";
}

function positionIn(
  element: HTMLElement,
  event: { clientX: number; clientY: number },
): PointCanvas {
  const box = element.getBoundingClientRect();
  return pointCanvas(event.clientX - box.left, event.clientY - box.top);
}

function useWheel(options: PointerOptions): void {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { handRef } = options;
  useEffect(() => {
    const element = handRef.current;
    if (element === null) return;
    let rest = 0;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { onScroll, dispatch } = latest.current;
      if (onScroll !== null && !event.ctrlKey) {
        rest += event.deltaY;
        const steps = Math.trunc(rest / WHEEL_PX_PER_FRAME);
        rest -= steps * WHEEL_PX_PER_FRAME;
        if (steps !== 0) onScroll(steps);
        return;
      }
      const factor = Math.exp(-event.deltaY * ZOOM_PER_WHEEL_PX);
      dispatch({ type: "zoom", factor, at: positionIn(element, event) });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [handRef]);
}

/** Return where the points of a held measure go when the pointer is at `to`. */
function draggedPoints(
  { measure, from, handle }: Held,
  to: PointImage,
  shape: { readonly rows: number; readonly columns: number },
): readonly PointImage[] {
  if (handle !== null) {
    return moveHandle(measure, handle, clampToFilm(to, shape.rows, shape.columns));
  }
  return moveAll(measure.points, [to[0] - from[0], to[1] - from[1]], shape);
}

export function usePointer(options: PointerOptions) {
  const { state, dispatch, place, draft, hover, measures, onMark } = options;
  const dragRef = useRef<Drag | null>(null);
  useWheel(options);

  const imagePoint = useCallback(
    (at: PointCanvas): PointImage | null => (place ? apply(invert(place), at) : null),
    [place],
  );

  /** Return whether a click at `point` closes the outline set corner by corner. */
  const closes = (under: Draft, point: PointImage): boolean => {
    const first = under.points[0];
    if (!isByHand(under.tool) || under.points.length < LEAST_CORNERS) return false;
    if (first === undefined || place === null) return false;
    return distance(apply(place, first), apply(place, point)) <= CLOSE_WITHIN_PX;
  };

  const add = (tool: Tool, point: PointImage): void => {
    const under = draft.get();
    if (under?.tool === tool && closes(under, point)) {
      draft.set(null);
      onMark(tool, under.points);
      return;
    }
    const next = placePoint(draft.get(), tool, point);
    draft.set(next.draft);
    if (next.done) onMark(tool, next.done);
  };

  /** Return the measure under the pointer, if a press there is meant for it. */
  const heldAt = (at: PointCanvas, point: PointImage, tool: Tool): Held | null => {
    if (place === null || draft.get() !== null) return null;
    const hit = hitMeasure(measures, state.selected, at, place);
    // While drawing, a line below is drawn over; a handle is still a handle.
    if (hit === null || (hit.handle === null && isDrawing(tool))) return null;
    const measure = measures.find((m) => m.id === hit.id);
    return measure ? { measure, from: point, handle: hit.handle } : null;
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const at = positionIn(event.currentTarget, event);
    const point = imagePoint(at);
    event.currentTarget.setPointerCapture(event.pointerId);
    const held = event.button === 0 && point ? heldAt(at, point, state.tool) : null;
    const what = held ? "measure" : dragFor(event, state.tool);
    dragRef.current = { what, held, x: at[0], y: at[1], moved: false };
    const selected = held?.measure.id ?? null;
    if (event.button === 0 && state.selected !== selected) {
      dispatch({ type: "select-measure", id: selected });
    }
    if (what !== "draw" || !point) return;
    if (isByHand(state.tool) && draft.get() === null) {
      draft.set({ tool: state.tool, points: [point], isStroke: true });
    } else add(state.tool, point);
  };

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const at = positionIn(event.currentTarget, event);
    const point = imagePoint(at);
    hover.set(point && { image: point, canvas: at });
    const drag = dragRef.current;
    if (drag === null) return;
    const [dx, dy] = [at[0] - drag.x, at[1] - drag.y];
    if (Math.hypot(dx, dy) < 1) return;
    dragRef.current = { ...drag, x: at[0], y: at[1], moved: true };
    if (drag.what === "pan") dispatch({ type: "pan", dx, dy });
    if (drag.what === "zoom") dispatch({ type: "zoom", factor: Math.exp(-dy * 0.006) });
    if (drag.what === "window") {
      const unit = (state.firstLook?.window.width ?? 255) / DRAG_FOR_ONE_WINDOW_PX;
      dispatch({ type: "window", dWidth: dx * unit, dCenter: dy * unit });
    }
    const under = draft.get();
    if (drag.what === "draw" && under?.isStroke === true && point) {
      draft.set({ ...under, points: [...under.points, point] });
    }
    if (drag.held && point && state.shape) {
      const points = draggedPoints(drag.held, point, state.shape);
      const { id } = drag.held.measure;
      dispatch({ type: "change-measure", id, change: { points }, isNew: !drag.moved });
    }
  };

  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    const drag = dragRef.current;
    dragRef.current = null;
    const under = draft.get();
    if (drag?.what !== "draw" || under === null) return;
    const point = imagePoint(positionIn(event.currentTarget, event));
    if (under.isStroke && !drag.moved) {
      // A click, not a stroke: the outline is set corner by corner (WCAG 2.5.7).
      draft.set({ ...under, isStroke: false });
    } else if (under.isStroke) {
      draft.set(null);
      onMark(under.tool, under.points);
    } else if (drag.moved && point && !isByHand(under.tool)) {
      // Drawn in one stroke: letting go sets the point that a second click would set.
      add(under.tool, point);
    }
  };

  return {
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel: () => {
      dragRef.current = null;
      if (isDrawing(state.tool)) draft.set(null);
    },
    onPointerLeave: () => hover.set(null),
    onContextMenu: (event: { preventDefault: () => void }) => event.preventDefault(),
  };
}
