/** The windows a reader can ask for at once: those of the file, and one from its pixels. */
import { useMemo, type Dispatch } from "react";

import { initialWindow, percentileWindow, usableWindows, type Film } from "@/imaging";

import type { ViewerAction } from "./state";

export type Windows = { readonly own: () => void; readonly auto: () => void } | null;

/** Null for colour films: their values are for display already. */
export function useWindows(film: Film | null, dispatch: Dispatch<ViewerAction>): Windows {
  return useMemo(() => {
    if (film === null || film.meta.samples === 3) return null;
    const own = usableWindows(film.meta);
    let at = -1;
    return {
      own: () => {
        at = (at + 1) % Math.max(1, own.length);
        dispatch({ type: "set-window", window: own[at] ?? initialWindow(film) });
      },
      auto: () => {
        at = -1;
        dispatch({ type: "set-window", window: percentileWindow(film) });
      },
    };
  }, [film, dispatch]);
}
