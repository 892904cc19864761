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

export type Tool = "window" | "pan" | "length" | "angle" | "box" | "freehand";

export interface Measure {
  readonly id: number;
  readonly kind: "length" | "angle";
  readonly points: readonly PointImage[];
}

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
  | { readonly type: "set-window"; readonly window: Window }
  | { readonly type: "tool"; readonly tool: Tool }
  | {
      readonly type: "measure";
      readonly kind: Measure["kind"];
      readonly points: readonly PointImage[];
    }
  | { readonly type: "drop-measure" }
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
};

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
      return withWindow(state, action.window);
    case "invert":
      return state.look === null
        ? state
        : { ...state, look: { ...state.look, inverted: !state.look.inverted } };
    case "reset":
      return fitted({ ...state, look: state.firstLook }, false);
    case "tool":
      return { ...state, tool: action.tool };
    case "magnifier":
      return { ...state, magnifier: !state.magnifier };
    case "measure": {
      const id = (state.measures.at(-1)?.id ?? 0) + 1;
      return {
        ...state,
        measures: [...state.measures, { id, kind: action.kind, points: action.points }],
      };
    }
    case "drop-measure":
      return { ...state, measures: state.measures.slice(0, -1) };
  }
}
