/** What a page shows of a draft that is kept, and does with it. */
import { useCallback, useMemo, type RefObject } from "react";

import type { Autosave, SaveState } from "./autosave";
import type { KeptDraft } from "./Kept";

export function useKept<T>(
  saver: RefObject<Autosave<T> | null>,
  state: SaveState,
  inTab: boolean | null,
) {
  const kept = useMemo<KeptDraft>(
    () => ({
      state,
      inTab,
      onRetry: () => saver.current?.retryNow(),
      onKeepMine: () => saver.current?.keepMine(),
      onTakeTheirs: () => saver.current?.takeTheirs(),
    }),
    [saver, state, inTab],
  );
  const hold = useCallback(() => saver.current?.hold(), [saver]);
  const resume = useCallback(() => saver.current?.resume(), [saver]);
  return { kept, hold, resume };
}
