/** What the viewer holds beside pixels: view, look, tool, measures. A pure reducer. */
import {
  fitView,
  flipOnScreen,
  panBy,
  pointCanvas,
  turnClockwise,
  zoomAt,
  type FilmShape,
  type PointCanvas,
  type PointImage,
  type SizePx,
  type View,
} from "@/geometry";
import { smallestWidth, type VoiFunction, type Window } from "@/imaging";

import { MAX_TEXT_CHARACTERS, type Measure, type MeasureKind } from "./measures";

/** `box` and `freehand` mark regions of the answer; the other drawing tools measure. */
export type Tool = "window" | "pan" | "box" | "freehand" | MeasureKind;

export interface Look {
  readonly window: Window;
  readonly voi: VoiFunction;
  readonly inverted: boolean;
}

export interface ViewerState {
  readonly shape: FilmShape | null;
  readonly size: SizePx;
  readonly view: View | null;
  /** Whether the film still fills the viewport, so that a resize fits it again. */
  readonly fitted: boolean;
  readonly look: Look | null;
  readonly firstLook: Look | null;
  readonly tool: Tool;
  readonly magnifier: boolean;
  readonly measures: readonly Measure[];
  readonly selected: number | null;
  /** The measures before each of the last changes, oldest first. */
  readonly past: readonly (readonly Measure[])[];
}

export type ViewerAction =
  | {
      readonly type: "film";
      readonly shape: FilmShape;
      readonly look: Look;
      readonly keep: boolean;
    }
  | { readonly type: "size"; readonly size: SizePx }
  | { readonly type: "pan"; readonly dx: number; readonly dy: number }
  | { readonly type: "zoom"; readonly factor: number; readonly at?: PointCanvas }
  | { readonly type: "window"; readonly dWidth: number; readonly dCenter: number }
  | { readonly type: "set-window"; readonly window: Window; readonly voi: VoiFunction }
  | { readonly type: "tool"; readonly tool: Tool }
  | {
      readonly type: "measure";
      readonly kind: MeasureKind;
      readonly at: string;
      readonly points: readonly PointImage[];
    }
  | { readonly type: "select-measure"; readonly id: number | null }
  | {
      readonly type: "change-measure";
      readonly id: number;
      readonly change: { readonly points?: readonly PointImage[]; readonly text?: string };
      /** False while a drag goes on: undo takes the whole drag back. */
      readonly isNew: boolean;
    }
  | { readonly type: "delete-measure"; readonly id: number }
  | { readonly type: "undo-measure" }
  | { readonly type: "one-to-one"; readonly pixelRatio: number }
  | { readonly type: "fit" | "turn" | "flip" | "invert" | "reset" | "magnifier" };

export const initialViewer: ViewerState = {
  shape: null,
  size: { width: 0, height: 0 },
  view: null,
  fitted: true,
  look: null,
  firstLook: null,
  tool: "window",
  magnifier: false,
  measures: [],
  selected: null,
  past: [],
};

const UNDO_STEPS = 50;

/** Return the state with other measures, the present ones kept for undo. */
function withMeasures(state: ViewerState, measures: readonly Measure[]): ViewerState {
  return { ...state, measures, past: [...state.past, state.measures].slice(-UNDO_STEPS) };
}

type MeasureAction = Extract<
  ViewerAction,
  {
    type: "measure" | "select-measure" | "change-measure" | "delete-measure" | "undo-measure";
  }
>;

function changeMeasures(state: ViewerState, action: MeasureAction): ViewerState {
  switch (action.type) {
    case "measure": {
      const { kind, at, points } = action;
      // Ids are never used twice, so that undo cannot give one measure another's selection.
      const used = [state.measures, ...state.past].flat().map((m) => m.id);
      const id = Math.max(0, ...used) + 1;
      const made: Measure = { id, kind, at, points, text: "" };
      return { ...withMeasures(state, [...state.measures, made]), selected: id };
    }
    case "select-measure":
      return { ...state, selected: action.id };
    case "change-measure": {
      const { id, isNew } = action;
      const { text, points } = action.change;
      const measures = state.measures.map((m) =>
        m.id !== id
          ? m
          : {
              ...m,
              points: points ?? m.points,
              text: (text ?? m.text).slice(0, MAX_TEXT_CHARACTERS),
            },
      );
      return isNew ? withMeasures(state, measures) : { ...state, measures };
    }
    case "delete-measure": {
      const measures = state.measures.filter((m) => m.id !== action.id);
      if (measures.length === state.measures.length) return state;
      return { ...withMeasures(state, measures), selected: null };
    }
    case "undo-measure": {
      const before = state.past.at(-1);
      if (before === undefined) return state;
      const kept = before.some((m) => m.id === state.selected) ? state.selected : null;
      return { ...state, measures: before, past: state.past.slice(0, -1), selected: kept };
    }
  }
}

function fitted(state: ViewerState, keepOrientation = true): ViewerState {
  const { shape, size, view } = state;
  if (shape === null || size.width === 0 || size.height === 0) return state;
  const next = fitView(shape, size, keepOrientation && view ? view : undefined);
  return { ...state, view: next, fitted: true };
}

function withWindow(state: ViewerState, window: Window): ViewerState {
  if (state.look === null) return state;
  const width = Math.max(smallestWidth(state.look.voi), window.width);
  return { ...state, look: { ...state.look, window: { center: window.center, width } } };
}

function moveView(
  state: ViewerState,
  move: (view: View, shape: FilmShape, size: SizePx) => View,
): ViewerState {
  const { view, shape, size } = state;
  if (view === null || shape === null) return state;
  return { ...state, view: move(view, shape, size), fitted: false };
}

function takeFilm(
  state: ViewerState,
  action: Extract<ViewerAction, { type: "film" }>,
): ViewerState {
  const { shape, look, keep } = action;
  if (keep && state.view !== null) return { ...state, shape };
  return fitted({
    ...initialViewer,
    size: state.size,
    tool: state.tool,
    // They lie on films by name: a reader who comes back finds them again.
    measures: state.measures,
    past: state.past,
    shape,
    look,
    firstLook: look,
  });
}

export function viewerReducer(state: ViewerState, action: ViewerAction): ViewerState {
  switch (action.type) {
    case "film":
      return takeFilm(state, action);
    case "size": {
      const next = { ...state, size: action.size };
      return state.fitted || state.view === null ? fitted(next) : next;
    }
    case "pan":
      return moveView(state, (view, shape, size) =>
        panBy(view, shape, size, action.dx, action.dy),
      );
    case "zoom":
      return moveView(state, (view, shape, size) =>
        zoomAt(
          view,
          shape,
          size,
          action.at ?? pointCanvas(size.width / 2, size.height / 2),
          action.factor,
        ),
      );
    case "one-to-one":
      return moveView(state, (view) => ({ ...view, zoom: 1 / action.pixelRatio }));
    case "fit":
      return fitted(state);
    case "turn":
      if (state.view === null) return state;
      return state.fitted
        ? fitted({ ...state, view: turnClockwise(state.view) })
        : { ...state, view: turnClockwise(state.view) };
    case "flip":
      return state.view === null ? state : { ...state, view: flipOnScreen(state.view) };
    case "window": {
      if (state.look === null) return state;
      const { center, width } = state.look.window;
      return withWindow(state, {
        center: center + action.dCenter,
        width: width + action.dWidth,
      });
    }
    case "set-window":
      if (state.look === null) return state;
      return withWindow({ ...state, look: { ...state.look, voi: action.voi } }, action.window);
    case "invert":
      return state.look === null
        ? state
        : { ...state, look: { ...state.look, inverted: !state.look.inverted } };
    case "reset":
      return fitted({ ...state, look: state.firstLook }, false);
    case "tool": {
      // A drawing tool needs the arrow keys for its cross.
      const isStill = action.tool === "window" || action.tool === "pan";
      return { ...state, tool: action.tool, selected: isStill ? state.selected : null };
    }
    case "magnifier":
      return { ...state, magnifier: !state.magnifier };
    default:
      return changeMeasures(state, action);
  }
}
