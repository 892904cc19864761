import { t } from "@lingui/core/macro";
import { useMemo, type Dispatch } from "react";

import { useShortcuts, type Shortcut } from "@/ui/shortcuts";

import type { CompareAction, CompareMode, CompareState } from "./compareModes";
import type { ViewerAction, ViewerState } from "./state";

interface CompareKeys {
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly compared: CompareState;
  readonly onCompare: Dispatch<CompareAction>;
}

const MODE_KEYS: readonly (readonly [key: string, label: string, mode: CompareMode])[] = [
  ["1", t`Side by side`, "side"],
  ["2", t`Swipe`, "swipe"],
  ["3", t`Blink`, "blink"],
  ["4", t`Difference`, "difference"],
];
const SWIPE_STEP_PERCENT = 2;
const PAN_STEP_PX = 60;
const ARROWS: Record<string, readonly [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function onArrow({ state, dispatch, compared, onCompare }: CompareKeys, event: KeyboardEvent) {
  const [dx, dy] = ARROWS[event.key] ?? [0, 0];
  if (event.shiftKey) {
    const unit = (state.firstLook?.window.width ?? 255) / 40;
    dispatch({ type: "window", dWidth: dx * unit, dCenter: dy * unit });
  } else if (compared.mode === "swipe" && dx !== 0) {
    onCompare({ type: "swipe-by", by: dx * SWIPE_STEP_PERCENT });
  } else {
    dispatch({ type: "pan", dx: -dx * PAN_STEP_PX, dy: -dy * PAN_STEP_PX });
  }
}

export function useCompareShortcuts(keys: CompareKeys): void {
  const { state, dispatch, compared, onCompare } = keys;
  const shortcuts = useMemo<Shortcut[]>(() => {
    const act = (key: string, label: string, action: ViewerAction): Shortcut => ({
      keys: key,
      label,
      run: () => dispatch(action),
    });
    return [
      { keys: " ", label: t`Blink: the other film`, run: () => onCompare({ type: "blink" }) },
      ...MODE_KEYS.map(([key, label, mode]) => ({
        keys: key,
        label,
        run: () => onCompare({ type: "mode", mode }),
      })),
      {
        keys: Object.keys(ARROWS),
        label: t`Swipe, or move both films; with Shift: window and level`,
        run: (event) => onArrow({ state, dispatch, compared, onCompare }, event),
      },
      act("w", t`Window and level`, { type: "tool", tool: "window" }),
      act("d", t`Move the films`, { type: "tool", tool: "pan" }),
      { ...act("+", t`Zoom in`, { type: "zoom", factor: 1.25 }), keys: ["+", "="] },
      act("-", t`Zoom out`, { type: "zoom", factor: 0.8 }),
      act("0", t`Fit to view`, { type: "fit" }),
      act("v", t`Invert greys`, { type: "invert" }),
      act("Shift+r", t`Turn by 90 degrees`, { type: "turn" }),
      act("x", t`Flip left to right`, { type: "flip" }),
      act("r", t`Reset the view`, { type: "reset" }),
    ];
  }, [state, dispatch, compared, onCompare]);
  useShortcuts(t`Compare`, shortcuts);
}
