/** The windows a reader can ask for at once. */
import { useMemo, type Dispatch } from "react";

import { initialVoi, initialWindow, type Film } from "@/imaging";

import { presetsFor, type Preset } from "./presets";
import type { ViewerAction } from "./state";

export type Windows = {
  readonly presets: readonly Preset[];
  readonly choose: (preset: Preset) => void;
  /** The file's own window, then its next. */
  readonly own: () => void;
  readonly auto: () => void;
  /** The preset after the last one chosen. */
  readonly next: () => void;
} | null;

/** Null for colour films: their values are for display already. */
export function useWindows(film: Film | null, dispatch: Dispatch<ViewerAction>): Windows {
  return useMemo(() => {
    if (film === null || film.meta.samples === 3) return null;
    const presets = presetsFor(film);
    const own = presets.filter((preset) => preset.id.startsWith("own-"));
    let at = 0;
    const choose = (preset: Preset) => {
      at = presets.indexOf(preset);
      dispatch({ type: "set-window", window: preset.window, voi: preset.voi });
    };
    let ownAt = -1;
    return {
      presets,
      choose,
      own: () => {
        ownAt = (ownAt + 1) % Math.max(1, own.length);
        const preset = own[ownAt];
        if (preset) choose(preset);
        else {
          const voi = initialVoi(film.meta);
          dispatch({ type: "set-window", window: initialWindow(film), voi });
        }
      },
      auto: () => {
        const preset = presets.find(({ id }) => id === "auto");
        if (preset) choose(preset);
      },
      next: () => {
        const preset = presets[(at + 1) % presets.length];
        if (preset) choose(preset);
      },
    };
  }, [film, dispatch]);
}
