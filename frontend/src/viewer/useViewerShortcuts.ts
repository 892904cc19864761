import { t } from "@lingui/core/macro";
import { useMemo, type Dispatch } from "react";

import { pointImage, type PointImage } from "@/geometry";
import type { KeyId } from "@/ui/keys";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts";

import { isDrawing } from "./drawing";
import type { Tool, ViewerAction, ViewerState } from "./state";
import type { Windows } from "./useWindows";

export interface ViewerKeys {
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly onTool: (tool: Tool) => void;
  readonly canMark: boolean;
  readonly onUndo: () => void;
  readonly onNumbers: () => void;
  readonly onScroll: ((steps: number) => void) | null;
  readonly onCine: (() => void) | null;
  readonly onCornerText: () => void;
  /** Null where the policy does not allow them yet. */
  readonly onForensic: (() => void) | null;
  readonly cursor: PointImage | null;
  readonly setCursor: (cursor: PointImage | null) => void;
  readonly onPoint: (point: PointImage) => void;
  readonly onCancel: () => void;
  readonly onNudge: (dx: number, dy: number, isNew: boolean) => boolean;
  readonly onNextHandle: () => boolean;
  readonly onDelete: () => boolean;
  readonly onEdit: () => void;
  readonly windows: Windows;
}

const ARROWS: Record<string, readonly [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const PAN_STEP_PX = 60;
const CURSOR_STEP_PX = 24;
const CURSOR_FINE_STEP_PX = 1;
/** Home and End: further than any stack is long. */
const TO_THE_END = 1_000_000;

/**
 * Arrows move the selected measure, the drawing cross, step through a stack, window (with
 * shift) or move the film: the first that applies.
 */
function onArrow(keys: ViewerKeys, event: KeyboardEvent): void {
  const { state, dispatch, cursor, onScroll } = keys;
  const [dx, dy] = ARROWS[event.key] ?? [0, 0];
  const coarse = CURSOR_STEP_PX / (state.view?.zoom ?? 1);
  const step = event.shiftKey ? CURSOR_FINE_STEP_PX : coarse;
  // A key held down is one move to undo.
  if (cursor === null && keys.onNudge(dx * step, dy * step, !event.repeat)) return;
  if (isDrawing(state.tool) && state.view) {
    const from = cursor ?? state.view.centre;
    keys.setCursor(pointImage(from[0] + dx * step, from[1] + dy * step));
  } else if (event.shiftKey) {
    const unit = (state.firstLook?.window.width ?? 255) / 40;
    dispatch({ type: "window", dWidth: dx * unit, dCenter: dy * unit });
  } else if (onScroll !== null && dx === 0) {
    onScroll(dy);
  } else {
    dispatch({ type: "pan", dx: -dx * PAN_STEP_PX, dy: -dy * PAN_STEP_PX });
  }
}

function toolKeys(keys: ViewerKeys): Shortcut[] {
  const { onTool, canMark } = keys;
  const tool = (id: KeyId, which: Tool): Shortcut => ({
    id,
    run: () => onTool(which),
  });
  return [
    tool("film.window", "window"),
    tool("film.pan", "pan"),
    tool("film.length", "length"),
    tool("film.angle", "angle"),
    tool("film.ellipse", "ellipse"),
    tool("film.rectangle", "rectangle"),
    tool("film.area", "area"),
    tool("film.arrow", "arrow"),
    tool("film.probe", "probe"),
    ...(canMark
      ? [
          tool("film.box", "box"),
          tool("film.freehand", "freehand"),
          { id: "film.box_numbers" as const, run: keys.onNumbers },
        ]
      : []),
  ];
}

function lookKeys(keys: ViewerKeys): Shortcut[] {
  const { windows, onForensic } = keys;
  return [
    ...(windows
      ? [
          { id: "film.next_window" as const, run: windows.next },
          { id: "film.own_window" as const, run: windows.own },
          { id: "film.auto_window" as const, run: windows.auto },
        ]
      : []),
    { id: "film.corner_text", run: keys.onCornerText },
    ...(onForensic ? [{ id: "film.pixel_views" as const, run: onForensic }] : []),
  ];
}

function viewKeys(keys: ViewerKeys): Shortcut[] {
  const { dispatch, state } = keys;
  const act = (
    id: KeyId,
    type: "fit" | "turn" | "flip" | "invert" | "reset" | "magnifier",
  ): Shortcut => ({ id, run: () => dispatch({ type }) });
  return [
    {
      id: "film.zoom_in",
      run: () => dispatch({ type: "zoom", factor: 1.25 }),
    },
    { id: "film.zoom_out", run: () => dispatch({ type: "zoom", factor: 0.8 }) },
    act("film.fit", "fit"),
    {
      id: "film.one_to_one",
      run: () => dispatch({ type: "one-to-one", pixelRatio: window.devicePixelRatio || 1 }),
    },
    act("film.invert", "invert"),
    // Y asks for a reason on the reading page.
    act("film.turn", "turn"),
    act("film.flip", "flip"),
    act("film.reset", "reset"),
    act("film.magnifier", "magnifier"),
    {
      id: "film.move",
      run: (event) => onArrow(keys, event),
    },
    {
      id: "film.point",
      run: () => {
        if (keys.cursor === null && keys.onNextHandle()) return;
        if (!isDrawing(state.tool) || !state.view) return false;
        keys.onPoint(keys.cursor ?? state.view.centre);
      },
    },
  ];
}

function markKeys(keys: ViewerKeys): Shortcut[] {
  return [
    { id: "film.undo", run: keys.onUndo },
    {
      id: "film.delete",
      run: () => (keys.onDelete() ? undefined : false),
    },
    { id: "film.measure_numbers", run: keys.onEdit },
    { id: "film.drop", run: keys.onCancel },
  ];
}

function stackKeys({ onScroll, onCine }: ViewerKeys): Shortcut[] {
  if (onScroll === null) return [];
  return [
    { id: "film.next_slice", run: () => onScroll(1) },
    { id: "film.previous_slice", run: () => onScroll(-1) },
    { id: "film.first_slice", run: () => onScroll(-TO_THE_END) },
    { id: "film.last_slice", run: () => onScroll(TO_THE_END) },
    ...(onCine ? [{ id: "film.cine" as const, run: onCine }] : []),
  ];
}

export function useViewerShortcuts(keys: ViewerKeys): void {
  const shortcuts = useMemo<Shortcut[]>(
    () => [
      ...viewKeys(keys),
      ...lookKeys(keys),
      ...toolKeys(keys),
      ...markKeys(keys),
      ...stackKeys(keys),
    ],
    [keys],
  );
  useShortcuts(t`Film`, shortcuts);
}
