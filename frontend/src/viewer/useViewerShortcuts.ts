import { useMemo, type Dispatch } from "react";

import { pointImage, type PointImage } from "@/geometry";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts";

import { isDrawing } from "./drawing";
import type { Tool, ViewerAction, ViewerState } from "./state";
import type { Windows } from "./useWindows";

interface Keys {
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly onTool: (tool: Tool) => void;
  readonly canMark: boolean;
  readonly onUndo: () => void;
  readonly onNumbers: () => void;
  readonly onScroll: ((steps: number) => void) | null;
  readonly cursor: PointImage | null;
  readonly setCursor: (cursor: PointImage | null) => void;
  readonly onPoint: (point: PointImage) => void;
  readonly onCancel: () => boolean;
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

/** Arrows move the drawing cursor, step through frames, window (with shift) or move the film. */
function onArrow(keys: Keys, event: KeyboardEvent): void {
  const { state, dispatch, cursor, onScroll } = keys;
  const [dx, dy] = ARROWS[event.key] ?? [0, 0];
  if (isDrawing(state.tool) && state.view) {
    const step = event.shiftKey ? CURSOR_FINE_STEP_PX : CURSOR_STEP_PX / state.view.zoom;
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

function toolKeys(keys: Keys): Shortcut[] {
  const { onTool, canMark } = keys;
  const tool = (key: string, label: string, which: Tool): Shortcut => ({
    keys: key,
    label,
    run: () => onTool(which),
  });
  return [
    tool("w", "Window and level", "window"),
    tool("d", "Move the film", "pan"),
    tool("l", "Measure a length", "length"),
    tool("e", "Measure an angle", "angle"),
    ...(canMark
      ? [
          tool("b", "Mark a box", "box"),
          tool("f", "Mark by hand", "freehand"),
          { keys: "q", label: "Mark a box by numbers", run: keys.onNumbers },
        ]
      : []),
  ];
}

function viewKeys(keys: Keys): Shortcut[] {
  const { dispatch, state } = keys;
  const act = (
    key: string,
    label: string,
    type: "fit" | "turn" | "flip" | "invert" | "reset" | "magnifier",
  ): Shortcut => ({ keys: key, label, run: () => dispatch({ type }) });
  return [
    { keys: ["+", "="], label: "Zoom in", run: () => dispatch({ type: "zoom", factor: 1.25 }) },
    { keys: "-", label: "Zoom out", run: () => dispatch({ type: "zoom", factor: 0.8 }) },
    act("0", "Fit to view", "fit"),
    {
      keys: "9",
      label: "One film pixel per screen pixel",
      run: () => dispatch({ type: "one-to-one", pixelRatio: window.devicePixelRatio || 1 }),
    },
    ...(keys.windows
      ? [
          { keys: "7", label: "The file's own window, then its next", run: keys.windows.own },
          { keys: "8", label: "Automatic window", run: keys.windows.auto },
        ]
      : []),
    act("v", "Invert greys", "invert"),
    act("y", "Turn by 90 degrees", "turn"),
    act("x", "Flip left to right", "flip"),
    act("r", "Reset the view", "reset"),
    act("m", "Magnifier", "magnifier"),
    {
      keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
      label: "Move; with Shift: window and level; with a mark tool: move its cross",
      run: (event) => onArrow(keys, event),
    },
    {
      keys: " ",
      label: "With a mark tool: set a point",
      run: () => {
        if (!isDrawing(state.tool) || !state.view) return false;
        keys.onPoint(keys.cursor ?? state.view.centre);
      },
    },
  ];
}

export function useViewerShortcuts(keys: Keys): void {
  const shortcuts = useMemo<Shortcut[]>(
    () => [
      ...viewKeys(keys),
      ...toolKeys(keys),
      { keys: "z", label: "Undo the last mark", run: keys.onUndo },
      {
        keys: "Escape",
        label: "Drop the mark under way",
        run: () => keys.onCancel() && undefined,
      },
      ...(keys.onScroll
        ? [
            { keys: "PageDown", label: "Next frame", run: () => keys.onScroll?.(1) },
            { keys: "PageUp", label: "Previous frame", run: () => keys.onScroll?.(-1) },
          ]
        : []),
    ],
    [keys],
  );
  useShortcuts("Film", shortcuts);
}
