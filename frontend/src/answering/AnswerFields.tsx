/** What is asked of a film: is it authentic, how sure, why, where. */
import { t } from "@lingui/core/macro";
import type { Answer, ReasonCode, RegionIn } from "@/api/types";

import { Choice } from "./Choice";
import { ReasonPicker } from "./ReasonPicker";
import { RegionList } from "./RegionList";
import { ANSWERS } from "./words";

/** An answer as far as it is given. */
export interface AnswerMarks {
  readonly answer: Answer | null;
  readonly confidence: number | null;
  readonly reasonCodes: readonly string[];
  readonly regions: readonly RegionIn[];
}

interface AnswerFieldsProps {
  readonly draft: AnswerMarks;
  readonly codes: readonly ReasonCode[];
  readonly imageNames: ReadonlyMap<string, string>;
  readonly onAnswer: (answer: Answer) => void;
  readonly onConfidence: (confidence: number) => void;
  readonly onReason: (code: string) => void;
  readonly onDropRegion: (index: number) => void;
  readonly onActiveRegion: (index: number | null) => void;
  readonly onShowRegion: (region: RegionIn) => void;
}

const CONFIDENCE = [1, 2, 3, 4, 5].map((n) => ({ value: n, label: String(n), keyId: null }));

export function AnswerFields(props: AnswerFieldsProps) {
  const { draft } = props;
  return (
    <>
      <Choice
        legend={t`Is this film authentic?`}
        layout="row"
        options={ANSWERS.map(({ answer, label, keyId }) => ({ value: answer, label, keyId }))}
        value={draft.answer}
        onChoose={props.onAnswer}
      />
      <div>
        <Choice
          legend={t`Confidence`}
          layout="numbers"
          options={CONFIDENCE}
          value={draft.confidence}
          onChoose={props.onConfidence}
        />
        <div className="choice-ends" aria-hidden>
          <span>{t`guess`}</span>
          <span>{t`certain`}</span>
        </div>
      </div>
      <ReasonPicker
        label={t`Why (optional)`}
        codes={props.codes}
        picked={draft.reasonCodes}
        onToggle={props.onReason}
      />
      <RegionList
        regions={draft.regions}
        imageNames={props.imageNames}
        onActive={props.onActiveRegion}
        onShow={props.onShowRegion}
        onDrop={props.onDropRegion}
      />
    </>
  );
}
