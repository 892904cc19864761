import { t } from "@lingui/core/macro";
import type { Dispatch } from "react";

import { AnswerFields } from "@/answering/AnswerFields";
import type { CaseDetail, ReasonCode, RegionIn } from "@/api/types";
import { Button } from "@/ui/Button";

import { Kept, type KeptDraft } from "./Kept";
import { MAX_NOTE_CHARACTERS, sealProblem, type DraftAction, type ReadDraft } from "./machine";

export interface StepProps {
  readonly detail: CaseDetail;
  readonly codes: readonly ReasonCode[];
  readonly imageNames: ReadonlyMap<string, string>;
  readonly dispatch: Dispatch<DraftAction>;
  readonly onActiveRegion: (index: number | null) => void;
  readonly onShowRegion: (region: RegionIn) => void;
  readonly busy: boolean;
  readonly error: unknown;
  readonly kept: KeptDraft;
}

interface YourReadProps extends StepProps {
  readonly draft: ReadDraft;
  readonly onSeal: () => void;
}

export function errorWords(error: unknown): string | null {
  if (error === null || error === undefined) return null;
  return error instanceof Error ? error.message : t`It did not work. Try again.`;
}

export function YourRead(props: YourReadProps) {
  const { detail, codes, draft, dispatch, busy, error, kept, onSeal } = props;
  const problem = sealProblem(draft, detail);
  const informed = detail.worklist.mode === "triage";
  const failed = errorWords(error);
  return (
    <section className="step" aria-label={t`Your read`}>
      <AnswerFields
        draft={draft}
        codes={codes}
        imageNames={props.imageNames}
        onAnswer={(answer) => dispatch({ type: "answer", answer })}
        onConfidence={(confidence) => dispatch({ type: "confidence", confidence })}
        onReason={(code) => dispatch({ type: "reason", step: "read", code })}
        onDropRegion={(index) => dispatch({ type: "drop-region", step: "read", index })}
        onActiveRegion={props.onActiveRegion}
        onShowRegion={props.onShowRegion}
      />
      <label className="field note">
        <span className="step-label">{t`Note (optional)`}</span>
        <textarea
          className="input"
          rows={2}
          maxLength={MAX_NOTE_CHARACTERS}
          value={draft.note}
          onChange={(event) =>
            dispatch({ type: "note", step: "read", note: event.target.value })
          }
        />
      </label>
      <div className="step-end">
        <Button
          variant="primary"
          className="step-go"
          disabled={problem !== null || busy}
          aria-describedby="seal-why"
          onClick={onSeal}
        >
          {busy ? t`Sealing…` : informed ? t`Seal the answer` : t`Seal and see the evidence`}
          <kbd aria-hidden>{t`Enter`}</kbd>
        </Button>
        <p id="seal-why" className="step-why">
          {problem ?? t`Sealing cannot be undone. The answer goes on the log.`}{" "}
          {informed ? t`Recorded as informed: you can see the evidence.` : ""}
        </p>
        {failed === null ? null : (
          <p role="alert" className="step-error">
            {t`Not sealed. ${failed}`}
          </p>
        )}
        <Kept kept={kept} />
      </div>
    </section>
  );
}
