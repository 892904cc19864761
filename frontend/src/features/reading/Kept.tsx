/** Whether what was entered is safe, in words that are true at this moment. */
import { t } from "@lingui/core/macro";
import { Button } from "@/ui/Button";
import { formatClockSeconds } from "@/ui/format";

import type { SaveState } from "./autosave";

export interface KeptDraft {
  readonly state: SaveState;
  /** Whether this browser keeps it as well; null before anything was entered. */
  readonly inTab: boolean | null;
  readonly onRetry: () => void;
  readonly onKeepMine: () => void;
  readonly onTakeTheirs: () => void;
}

export function Kept({ kept }: { kept: KeptDraft }) {
  const { state, inTab } = kept;
  const tab = inTab === true ? t`It is kept in this tab.` : t`A reload would lose it.`;
  if (state.kind === "idle" || state.kind === "ended") return null;
  if (state.kind === "saved") {
    return (
      <p className="step-kept">
        {t`Draft saved ${formatClockSeconds(state.at)}. Only you can see it.`}
      </p>
    );
  }
  if (state.kind === "saving") return <p className="step-kept">{t`Saving the draft…`}</p>;
  return (
    <div className="step-kept" role="status">
      {state.kind === "changed" ? (
        <>
          <p className="tone-amber">
            {t`This draft was changed in another tab or on another machine. Nothing is saved until you choose.`}
          </p>
          <div className="kept-choice">
            <Button small onClick={kept.onTakeTheirs}>
              {t`Take the other draft`}
            </Button>
            <Button small onClick={kept.onKeepMine}>
              {t`Keep what is here`}
            </Button>
          </div>
        </>
      ) : state.kind === "refused" ? (
        <p className="tone-amber">{t`Not saved. ${state.why} ${tab}`}</p>
      ) : (
        <>
          <p className="tone-amber">{t`Not saved yet, will retry. ${tab}`}</p>
          <div className="kept-choice">
            <Button small onClick={kept.onRetry}>
              {t`Try now`}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
