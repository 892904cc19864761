/** Readers who differ, side by side, and the outcome that settles them. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";

import { Choice } from "@/answering/Choice";
import { ReasonPicker } from "@/answering/ReasonPicker";
import { answerLabel } from "@/answering/words";
import { adjudicationQuery } from "@/api/queries";
import type { BothAnswers, CaseDetail, Outcome, ReasonCode, RulingOut } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatMoment, withoutStop } from "@/ui/format";
import type { KeyId } from "@/ui/keys";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts";
import { ErrorState, SkeletonRows, StaleNote } from "@/ui/states";

import { Card, Reasons } from "./Answers";
import { forgetDrafts } from "./drafts";
import { Kept } from "./Kept";
import { MAX_REASON_CHARACTERS } from "./ReasonDialog";
import { useRulingDraft } from "./useRulingDraft";
import { useRuling } from "./useRulings";
import { DECISION_WORDS, outcomeLabel } from "./words";
import { errorWords } from "./YourRead";

interface AdjudicationProps {
  readonly detail: CaseDetail;
  readonly codes: readonly ReasonCode[];
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

/** Closed until asked for: to look is on the log, and ends the adjudicator's own blindness. */
export function Adjudication({ detail, codes, isOpen, onOpen }: AdjudicationProps) {
  const shown = useQuery({ ...adjudicationQuery(detail.id), enabled: isOpen });
  const isSettled = shown.data !== undefined && shown.data.ruling !== null;
  useEffect(() => {
    if (isSettled) forgetDrafts(detail.id);
  }, [isSettled, detail.id]);
  if (!isOpen) {
    return (
      <section className="step" aria-label={t`Adjudication`}>
        <p className="step-label">
          <Scale size={15} aria-hidden /> {t`Readers differ on this case.`}
        </p>
        <p className="muted">
          {t`You will see every reader’s answer and the evidence. That you looked goes on the log, and you can no longer read this case blind.`}
        </p>
        <Button variant="primary" className="step-go" onClick={onOpen}>
          {t`Show the answers and settle`}
        </Button>
      </section>
    );
  }
  if (!shown.data && shown.error) {
    return (
      <ErrorState
        title={t`The answers could not be loaded`}
        error={shown.error}
        onRetry={() => void shown.refetch()}
      />
    );
  }
  if (!shown.data) return <SkeletonRows label={t`Loading the answers`} count={6} />;
  const { readers, ruling, reopenings } = shown.data;
  return (
    <section className="step" aria-label={t`Adjudication`}>
      <StaleNote error={shown.error} onRetry={() => void shown.refetch()} />
      <h2 className="step-label">{t`The readers`}</h2>
      <div className="answers readers" data-count={Math.min(2, readers.length)}>
        {readers.map((both) => (
          <Reader key={both.read.id} both={both} codes={codes} />
        ))}
      </div>
      {reopenings.map((row) => (
        <p key={row.id} className="muted">
          {t`Re-opened ${formatMoment(row.reopened_at)} by ${row.lead.display_name}: ${row.reason}`}
        </p>
      ))}
      {ruling === null ? (
        <div className="settle" data-section="settle">
          <RulingForm
            caseId={detail.id}
            codes={codes}
            verdicts={readers.map(({ verdict }) => verdict.id)}
          />
        </div>
      ) : (
        <Settled ruling={ruling} codes={codes} />
      )}
    </section>
  );
}

function Reader({ both, codes }: { both: BothAnswers; codes: readonly ReasonCode[] }) {
  const { read, verdict } = both;
  const given = [...new Set([...read.reason_codes, ...verdict.reason_codes])];
  return (
    <Card title={read.reader.display_name} answer={outcomeLabel(verdict.outcome)}>
      <p className="muted">
        {t`First: ${answerLabel(read.answer).toLowerCase()}, confidence ${read.confidence} of 5, ${read.mode === "triage" ? t`informed` : t`blind`}.`}
      </p>
      <p className="muted">
        {verdict.replaces === null
          ? t`With the evidence: ${DECISION_WORDS[verdict.decision]}.`
          : t`With the evidence: ${DECISION_WORDS[verdict.decision]}, amended: ${withoutStop(verdict.amend_reason)}.`}
      </p>
      <Reasons
        codes={codes}
        given={given}
        words={[...read.reason_words, ...verdict.reason_words]}
      />
      {[...new Set([read.note, verdict.note])]
        .filter((note) => note !== "")
        .map((note) => (
          <p key={note} className="answer-note">
            {note}
          </p>
        ))}
    </Card>
  );
}

function Settled({ ruling, codes }: { ruling: RulingOut; codes: readonly ReasonCode[] }) {
  return (
    <Card
      title={t`Settled by ${ruling.adjudicator.display_name}`}
      answer={outcomeLabel(ruling.outcome)}
    >
      <Reasons codes={codes} given={ruling.reason_codes} words={[]} />
      <p className="answer-note">{ruling.note}</p>
    </Card>
  );
}

const OUTCOMES: readonly { outcome: Outcome; keyId: KeyId }[] = [
  { outcome: "authentic", keyId: "settle.authentic" },
  { outcome: "suspicious", keyId: "settle.suspicious" },
  { outcome: "inconclusive", keyId: "settle.inconclusive" },
];

interface RulingFormProps {
  readonly caseId: string;
  readonly codes: readonly ReasonCode[];
  /** Of the readers as shown: an amendment that nobody saw is not settled. */
  readonly verdicts: readonly string[];
}

function RulingForm({ caseId, codes, verdicts }: RulingFormProps) {
  const { draft, change, kept, hold, resume } = useRulingDraft(caseId);
  const { outcome, reasonCodes: picked, note } = draft;
  const file = useRuling(caseId);
  const failed = errorWords(file.error);
  const problem =
    outcome === null
      ? t`Choose an outcome first.`
      : picked.length === 0
        ? t`Give at least one reason.`
        : note.trim() === ""
          ? t`Say why, for both readers.`
          : null;
  const { mutate, isPending } = file;
  const onSettle = useCallback(() => {
    if (outcome === null || problem !== null || isPending) return;
    hold();
    mutate(
      {
        verdicts: [...verdicts],
        outcome,
        reason_codes: [...picked],
        note: note.trim(),
      },
      { onError: resume },
    );
  }, [outcome, problem, isPending, mutate, verdicts, picked, note, hold, resume]);
  useShortcuts(
    t`Settling`,
    useMemo<Shortcut[]>(
      () => [
        ...OUTCOMES.map(({ outcome: value, keyId }) => ({
          id: keyId,
          run: () => change({ outcome: value }),
        })),
        {
          id: "case.enter",
          label: t`Settle the case`,
          whileTyping: true,
          run: (event) => {
            if (event.target instanceof HTMLTextAreaElement) return false;
            onSettle();
          },
        },
      ],
      [onSettle, change],
    ),
  );
  return (
    <>
      <Choice
        legend={t`What is the film?`}
        layout="row"
        options={OUTCOMES.map(({ outcome: value, keyId }) => ({
          value,
          label: outcomeLabel(value),
          keyId,
        }))}
        value={outcome}
        onChoose={(value) => change({ outcome: value })}
      />
      <ReasonPicker
        label={t`Why (at least one)`}
        codes={codes}
        picked={picked}
        onToggle={(code) =>
          change({
            reasonCodes: picked.includes(code)
              ? picked.filter((known) => known !== code)
              : [...picked, code],
          })
        }
      />
      <label className="field note">
        <span className="step-label">{t`Reason in words`}</span>
        <textarea
          className="input"
          rows={3}
          maxLength={MAX_REASON_CHARACTERS}
          value={note}
          onChange={(event) => change({ note: event.target.value })}
        />
      </label>
      <div className="step-end">
        <Button
          variant="primary"
          className="step-go"
          disabled={problem !== null || isPending}
          aria-describedby="settle-why"
          onClick={onSettle}
        >
          {isPending ? t`Settling…` : t`Settle the case`}
          <kbd aria-hidden>{t`Enter`}</kbd>
        </Button>
        <p id="settle-why" className="step-why">
          {problem ?? t`This closes the case. All answers stay beside it.`}
        </p>
        {failed === null ? null : (
          <p role="alert" className="step-error">
            {t`Not settled. ${failed}`}
          </p>
        )}
        <Kept kept={kept} />
      </div>
    </>
  );
}
