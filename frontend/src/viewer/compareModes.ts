/** How two films are laid side by side or over each other. Pure. */
export type CompareMode = "side" | "swipe" | "blink" | "difference";

export interface CompareState {
  readonly mode: CompareMode;
  /** From the left edge, in percent of the width: right of it the other film shows. */
  readonly swipe: number;
  /** While blinking: the other film shows. */
  readonly showsOther: boolean;
}

export const FIRST_COMPARE: CompareState = { mode: "side", swipe: 50, showsOther: false };

export type CompareAction =
  | { readonly type: "mode"; readonly mode: CompareMode }
  | { readonly type: "swipe"; readonly to: number }
  | { readonly type: "swipe-by"; readonly by: number }
  | { readonly type: "blink" };

function held(percent: number): number {
  return Number.isFinite(percent) ? Math.min(100, Math.max(0, percent)) : 50;
}

export function compareReducer(state: CompareState, action: CompareAction): CompareState {
  switch (action.type) {
    case "mode":
      return { ...state, mode: action.mode, showsOther: false };
    case "swipe":
      return { ...state, mode: "swipe", swipe: held(action.to) };
    case "swipe-by":
      return state.mode === "swipe"
        ? { ...state, swipe: held(state.swipe + action.by) }
        : state;
    case "blink":
      // The first press shows the other film at once: what is on screen was the first.
      return state.mode === "blink"
        ? { ...state, showsOther: !state.showsOther }
        : { ...state, mode: "blink", showsOther: true };
  }
}
