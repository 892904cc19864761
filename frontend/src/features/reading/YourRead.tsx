import { t } from "@lingui/core/macro";
import type { Dispatch } from "react";

import type { CaseDetail, ReasonCode, RegionIn } from "@/api/types";
import { Button } from "@/ui/Button";

import { Choice } from "./Choice";
import { Kept, type KeptDraft } from "./Kept";
import { MAX_NOTE_CHARACTERS, sealProblem, type DraftAction, type ReadDraft } from "./machine";
import { ReasonPicker } from "./ReasonPicker";
import { RegionList } from "./RegionList";
import { ANSWERS } from "./words";

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

const CONFIDENCE = [1, 2, 3, 4, 5].map((n) => ({ value: n, label: String(n), key: null }));

export function YourRead(props: YourReadProps) {
  const { detail, codes, draft, dispatch, busy, error, kept, onSeal } = props;
  const problem = sealProblem(draft, detail);
  const informed = detail.worklist.mode === "triage";
  const failed = errorWords(error);
  return (
    <section className="step" aria-label={t`Your read`}>
      <Choice
        legend={t`Is this film authentic?`}
        layout="row"
        options={ANSWERS.map(({ answer, label, key }) => ({ value: answer, label, key }))}
        value={draft.answer}
        onChoose={(answer) => dispatch({ type: "answer", answer })}
      />
      <div>
        <Choice
          legend={t`Confidence`}
          layout="numbers"
          options={CONFIDENCE}
          value={draft.confidence}
          onChoose={(confidence) => dispatch({ type: "confidence", confidence })}
        />
        <div className="choice-ends" aria-hidden>
          <span>{t`guess`}</span>
          <span>{t`certain`}</span>
        </div>
      </div>
      <ReasonPicker
        label={t`Why (optional)`}
        codes={codes}
        picked={draft.reasonCodes}
        onToggle={(code) => dispatch({ type: "reason", step: "read", code })}
      />
      <RegionList
        regions={draft.regions}
        imageNames={props.imageNames}
        onActive={props.onActiveRegion}
        onShow={props.onShowRegion}
        onDrop={(index) => dispatch({ type: "drop-region", step: "read", index })}
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
