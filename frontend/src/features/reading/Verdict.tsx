import { t } from "@lingui/core/macro";
import { Choice } from "@/answering/Choice";
import { ReasonPicker } from "@/answering/ReasonPicker";
import { RegionList } from "@/answering/RegionList";
import type { CaseEvidence, ReadOut } from "@/api/types";
import { Button } from "@/ui/Button";

import { Kept } from "./Kept";
import {
  isSwitch,
  MAX_NOTE_CHARACTERS,
  outcomeOf,
  verdictProblem,
  type VerdictDraft,
} from "./machine";
import { MAX_REASON_CHARACTERS } from "./ReasonDialog";
import { decisionsFor, outcomeLabel } from "./words";
import { errorWords, type StepProps } from "./YourRead";

interface VerdictProps extends StepProps {
  readonly draft: VerdictDraft;
  readonly first: ReadOut;
  readonly evidence: CaseEvidence;
  readonly hasNext: boolean;
  readonly onFile: () => void;
  /** Set while an earlier verdict is amended: why, and how to leave it as it was. */
  readonly amending?: {
    readonly reason: string;
    readonly onReason: (reason: string) => void;
    readonly onCancel: () => void;
  };
}

export function Verdict(props: VerdictProps) {
  const { codes, draft, dispatch, first, evidence, busy, error, kept, hasNext, onFile } = props;
  const { amending } = props;
  const problem =
    verdictProblem(draft, first.answer, evidence.flagged) ??
    (amending?.reason.trim() === "" ? t`Say why you amend it.` : null);
  const failed = errorWords(error);
  const label = outcomeLabel(
    outcomeOf(draft.decision ?? "inconclusive", evidence.flagged),
  ).toLowerCase();
  const switches =
    draft.decision !== null && isSwitch(first.answer, draft.decision, evidence.flagged);
  return (
    <section className="step" aria-label={t`Verdict`}>
      <Choice
        legend={t`Your verdict on the system's opinion`}
        question="decision"
        layout="column"
        options={decisionsFor(evidence.flagged).map(({ decision, label, means, keyId }) => ({
          value: decision,
          label,
          hint: means,
          keyId,
        }))}
        value={draft.decision}
        onChoose={(decision) => dispatch({ type: "decision", decision })}
      />
      {switches ? (
        <Choice
          legend={t`What changed your mind?`}
          layout="column"
          question="change"
          options={codes
            .filter((code) => code.active && code.group === "changed_mind")
            .map((code) => ({
              value: code.code,
              label: code.label,
              keyId: null,
              ...(code.hotkey === "" ? {} : { key: code.hotkey }),
            }))}
          value={draft.changedMindCode}
          onChoose={(code) => dispatch({ type: "changed-mind", code })}
        />
      ) : null}
      <ReasonPicker
        label={t`Why (at least one)`}
        codes={codes}
        picked={draft.reasonCodes}
        onToggle={(code) => dispatch({ type: "reason", step: "verdict", code })}
      />
      <RegionList
        regions={draft.regions}
        imageNames={props.imageNames}
        onActive={props.onActiveRegion}
        onShow={props.onShowRegion}
        onDrop={(index) => dispatch({ type: "drop-region", step: "verdict", index })}
      />
      <label className="field note">
        <span className="step-label">{t`Note (optional)`}</span>
        <textarea
          className="input"
          rows={2}
          maxLength={MAX_NOTE_CHARACTERS}
          value={draft.note}
          onChange={(event) =>
            dispatch({ type: "note", step: "verdict", note: event.target.value })
          }
        />
      </label>
      {amending === undefined ? null : (
        <label className="field note">
          <span className="step-label">{t`Why do you amend it?`}</span>
          <textarea
            className="input"
            rows={2}
            maxLength={MAX_REASON_CHARACTERS}
            value={amending.reason}
            onChange={(event) => amending.onReason(event.target.value)}
          />
        </label>
      )}
      <div className="step-end">
        <Button
          variant="primary"
          className="step-go"
          disabled={problem !== null || busy}
          aria-describedby="file-why"
          onClick={onFile}
        >
          {busy
            ? t`Filing…`
            : amending
              ? t`File the amendment`
              : hasNext
                ? t`File and open the next case`
                : t`File the verdict`}
          <kbd aria-hidden>{t`Enter`}</kbd>
        </Button>
        <p id="file-why" className="step-why">
          {problem ??
            (amending
              ? t`The label will be: ${label}. The verdict it replaces stays beside it.`
              : t`The label will be: ${label}. Your first answer stays beside it.`)}
        </p>
        {failed === null ? null : (
          <p role="alert" className="step-error">
            {t`Not filed. ${failed}`}
          </p>
        )}
        {amending === undefined ? (
          <Kept kept={kept} />
        ) : (
          <Button small variant="ghost" onClick={amending.onCancel}>
            {t`Leave it as it was`}
          </Button>
        )}
      </div>
    </section>
  );
}
