import { t } from "@lingui/core/macro";
import { useMemo, type Dispatch } from "react";

import { pointImage, type PointImage } from "@/geometry";
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
  const tool = (key: string, label: string, which: Tool): Shortcut => ({
    keys: key,
    label,
    run: () => onTool(which),
  });
  return [
    tool("w", t`Window and level`, "window"),
    tool("d", t`Move the film`, "pan"),
    tool("l", t`Measure a length`, "length"),
    tool("e", t`Measure an angle`, "angle"),
    tool("Shift+e", t`Measure an ellipse`, "ellipse"),
    tool("Shift+b", t`Measure a rectangle`, "rectangle"),
    tool("Shift+f", t`Measure an outline; set by points, the same key closes it`, "area"),
    tool("Shift+l", t`Arrow with words`, "arrow"),
    tool("Shift+v", t`Probe a pixel`, "probe"),
    ...(canMark
      ? [
          tool("b", t`Mark a box`, "box"),
          tool("f", t`Mark by hand; set by points, the same key closes it`, "freehand"),
          { keys: "q", label: t`Mark a box by numbers`, run: keys.onNumbers },
        ]
      : []),
  ];
}

function lookKeys(keys: ViewerKeys): Shortcut[] {
  const { windows, onForensic } = keys;
  return [
    ...(windows
      ? [
          { keys: "6", label: t`Next window by name`, run: windows.next },
          { keys: "7", label: t`The file's own window, then its next`, run: windows.own },
          { keys: "8", label: t`Automatic window`, run: windows.auto },
        ]
      : []),
    { keys: "Shift+t", label: t`Text in the corners on or off`, run: keys.onCornerText },
    ...(onForensic
      ? [{ keys: "Shift+x", label: t`Pixel views on or off`, run: onForensic }]
      : []),
  ];
}

function viewKeys(keys: ViewerKeys): Shortcut[] {
  const { dispatch, state } = keys;
  const act = (
    key: string,
    label: string,
    type: "fit" | "turn" | "flip" | "invert" | "reset" | "magnifier",
  ): Shortcut => ({ keys: key, label, run: () => dispatch({ type }) });
  return [
    {
      keys: ["+", "="],
      label: t`Zoom in`,
      run: () => dispatch({ type: "zoom", factor: 1.25 }),
    },
    { keys: "-", label: t`Zoom out`, run: () => dispatch({ type: "zoom", factor: 0.8 }) },
    act("0", t`Fit to view`, "fit"),
    {
      keys: "9",
      label: t`One film pixel per screen pixel`,
      run: () => dispatch({ type: "one-to-one", pixelRatio: window.devicePixelRatio || 1 }),
    },
    act("v", t`Invert greys`, "invert"),
    // Y asks for a reason on the reading page.
    act("Shift+r", t`Turn by 90 degrees`, "turn"),
    act("x", t`Flip left to right`, "flip"),
    act("r", t`Reset the view`, "reset"),
    act("m", t`Magnifier`, "magnifier"),
    {
      keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
      label: t`Move; with Shift: window and level; with a mark tool: move its cross; with a measure selected: move it`,
      run: (event) => onArrow(keys, event),
    },
    {
      keys: " ",
      label: t`With a mark tool: set a point; with a measure selected: its next handle`,
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
    { keys: "z", label: t`Undo the last mark`, run: keys.onUndo },
    {
      keys: ["Delete", "Backspace"],
      label: t`Delete the selected measure`,
      run: () => (keys.onDelete() ? undefined : false),
    },
    { keys: "Shift+q", label: t`The selected measure by numbers`, run: keys.onEdit },
    { keys: "Escape", label: t`Drop the mark under way`, run: keys.onCancel },
  ];
}

function stackKeys({ onScroll, onCine }: ViewerKeys): Shortcut[] {
  if (onScroll === null) return [];
  return [
    { keys: "PageDown", label: t`Next slice`, run: () => onScroll(1) },
    { keys: "PageUp", label: t`Previous slice`, run: () => onScroll(-1) },
    { keys: "Home", label: t`First slice`, run: () => onScroll(-TO_THE_END) },
    { keys: "End", label: t`Last slice`, run: () => onScroll(TO_THE_END) },
    ...(onCine ? [{ keys: "Shift+m", label: t`Cine on or off`, run: onCine }] : []),
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
