/** Mouse, pen and touch on the film. */
import {
  useCallback,
  useEffect,
  useRef,
  type Dispatch,
  type PointerEvent,
  type RefObject,
} from "react";

import { apply, invert, pointCanvas, type PointCanvas, type PointImage } from "@/geometry";

import { isDrawing, placePoint, type Draft } from "./drawing";
import type { Tool, ViewerAction, ViewerState } from "./state";
import type { FilmPlace } from "./useStage";

type Drag = {
  readonly what: "window" | "pan" | "zoom" | "draw";
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
  readonly draft: Draft | null;
  readonly setDraft: (draft: Draft | null) => void;
  readonly onMark: (tool: Tool, points: readonly PointImage[]) => void;
  readonly onHover: (at: PointImage | null, canvas: PointCanvas | null) => void;
  /** Steps through the frames; null where the film has one. */
  readonly onScroll: ((steps: number) => void) | null;
}

/** A drag across 600 px runs through the window the film came with. */
const DRAG_FOR_ONE_WINDOW_PX = 600;
const ZOOM_PER_WHEEL_PX = 0.0015;
const WHEEL_PX_PER_FRAME = 60;

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

export function usePointer(options: PointerOptions) {
  const { state, dispatch, place, draft, setDraft, onMark, onHover } = options;
  const dragRef = useRef<Drag | null>(null);
  useWheel(options);

  const imagePoint = useCallback(
    (at: PointCanvas): PointImage | null => (place ? apply(invert(place), at) : null),
    [place],
  );

  const add = (tool: Tool, point: PointImage): void => {
    const next = placePoint(draft, tool, point);
    setDraft(next.draft);
    if (next.done) onMark(tool, next.done);
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const at = positionIn(event.currentTarget, event);
    const point = imagePoint(at);
    const what = dragFor(event, state.tool);
    event.currentTarget.setPointerCapture(event.pointerId);
    dragRef.current = { what, x: at[0], y: at[1], moved: false };
    if (what === "draw" && point) {
      if (state.tool === "freehand")
        setDraft({ tool: "freehand", points: [point], hover: null });
      else add(state.tool, point);
    }
  };

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const at = positionIn(event.currentTarget, event);
    const point = imagePoint(at);
    onHover(point, at);
    if (draft && point && draft.tool !== "freehand") setDraft({ ...draft, hover: point });
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
    if (drag.what === "draw" && draft?.tool === "freehand" && point) {
      setDraft({ ...draft, points: [...draft.points, point] });
    }
  };

  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    const drag = dragRef.current;
    dragRef.current = null;
    if (drag?.what !== "draw" || draft === null) return;
    const point = imagePoint(positionIn(event.currentTarget, event));
    if (draft.tool === "freehand") {
      setDraft(null);
      onMark("freehand", draft.points);
    } else if (drag.moved && point) {
      // Drawn in one stroke: letting go sets the point that a second click would set.
      add(draft.tool, point);
    }
  };

  return {
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel: () => {
      dragRef.current = null;
      if (isDrawing(state.tool)) setDraft(null);
    },
    onPointerLeave: () => onHover(null, null),
    onContextMenu: (event: { preventDefault: () => void }) => event.preventDefault(),
  };
}
