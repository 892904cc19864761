import { t } from "@lingui/core/macro";
import { useMemo, type Dispatch } from "react";

import type { KeyId } from "@/ui/keys";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts";

import { otherSide } from "./comparePairs";
import type { CompareAction, CompareMode, CompareState } from "./compareModes";
import type { PairHandle } from "./usePair";
import type { ViewerAction, ViewerState } from "./state";

interface CompareKeys {
  readonly state: ViewerState;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly compared: CompareState;
  readonly onCompare: Dispatch<CompareAction>;
  readonly pairing: Pick<PairHandle, "dispatch" | "isStack" | "state">;
}

const MODES: readonly CompareMode[] = ["side", "swipe", "blink", "difference"];
const SWIPE_STEP_PERCENT = 2;
const PAN_STEP_PX = 60;
/** Home and End: further than any stack is long. */
const TO_THE_END = 1_000_000;
const ARROWS: Record<string, readonly [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function onArrow(keys: CompareKeys, event: KeyboardEvent) {
  const { state, dispatch, compared, onCompare, pairing } = keys;
  const [dx, dy] = ARROWS[event.key] ?? [0, 0];
  if (event.shiftKey) {
    const unit = (state.firstLook?.window.width ?? 255) / 40;
    dispatch({ type: "window", dWidth: dx * unit, dCenter: dy * unit });
  } else if (compared.mode === "swipe" && dx !== 0) {
    onCompare({ type: "swipe-by", by: dx * SWIPE_STEP_PERCENT });
  } else if (pairing.isStack && dx === 0) {
    pairing.dispatch({ type: "step", steps: dy });
  } else {
    dispatch({ type: "pan", dx: -dx * PAN_STEP_PX, dy: -dy * PAN_STEP_PX });
  }
}

function stackKeys({ dispatch, isStack, state }: CompareKeys["pairing"]): Shortcut[] {
  if (!isStack) return [];
  const step = (id: KeyId, steps: number): Shortcut => ({
    id,
    run: () => dispatch({ type: "step", steps }),
  });
  return [
    step("film.next_slice", 1),
    step("film.previous_slice", -1),
    step("film.first_slice", -TO_THE_END),
    step("film.last_slice", TO_THE_END),
    { id: "compare.link", run: () => dispatch({ type: "link" }) },
    // Linked, both are scrolled.
    {
      id: "compare.scrolled",
      run: () =>
        state.isLinked ? false : dispatch({ type: "side", to: otherSide(state.side) }),
    },
  ];
}

export function useCompareShortcuts(keys: CompareKeys): void {
  const { state, dispatch, compared, onCompare, pairing } = keys;
  const shortcuts = useMemo<Shortcut[]>(() => {
    const act = (id: KeyId, action: ViewerAction): Shortcut => ({
      id,
      run: () => dispatch(action),
    });
    return [
      { id: "compare.other", run: () => onCompare({ type: "blink" }) },
      ...MODES.map((mode) => ({
        id: `compare.${mode}` as const,
        run: () => onCompare({ type: "mode", mode }),
      })),
      {
        id: "compare.move",
        run: (event) => onArrow({ state, dispatch, compared, onCompare, pairing }, event),
      },
      ...stackKeys(pairing),
      act("film.window", { type: "tool", tool: "window" }),
      act("film.pan", { type: "tool", tool: "pan" }),
      act("film.zoom_in", { type: "zoom", factor: 1.25 }),
      act("film.zoom_out", { type: "zoom", factor: 0.8 }),
      act("film.fit", { type: "fit" }),
      act("film.invert", { type: "invert" }),
      act("film.turn", { type: "turn" }),
      act("film.flip", { type: "flip" }),
      act("film.reset", { type: "reset" }),
    ];
  }, [state, dispatch, compared, onCompare, pairing]);
  useShortcuts(t`Compare`, shortcuts);
}
