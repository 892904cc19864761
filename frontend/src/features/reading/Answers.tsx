import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { inReadersWords } from "@/api/reasonWords";
import type { ReactNode } from "react";

import { answerLabel } from "@/answering/words";
import type { ReadOut, ReasonCode, ReasonWords, VerdictOut } from "@/api/types";
import { formatClockSeconds, formatCount, shortHash } from "@/ui/format";

import { decisionsFor, outcomeLabel } from "./words";

interface AnswersProps {
  readonly first: ReadOut;
  readonly verdict: VerdictOut | null;
  readonly flagged: boolean | null;
  readonly codes: readonly ReasonCode[];
}

interface ReasonsProps {
  readonly codes: readonly ReasonCode[];
  readonly given: readonly string[];
  /** As they were worded when they were given; reads of old have none. */
  readonly words: readonly ReasonWords[];
}

export function Reasons({ codes, given, words }: ReasonsProps) {
  if (given.length === 0) return <p className="muted">{t`No reason given.`}</p>;
  return (
    <ul className="reason-list">
      {given.map((code) => (
        <li key={code}>
          {[...inReadersWords(words), ...codes].find((known) => known.code === code)?.label ??
            code}
        </li>
      ))}
    </ul>
  );
}

export function Card({
  title,
  answer,
  children,
}: {
  title: string;
  answer: string;
  children: ReactNode;
}) {
  return (
    <div className="answer-card">
      <h3>{title}</h3>
      <p className="answer-words">{answer}</p>
      {children}
    </div>
  );
}

/** The first answer and, once filed, the final one beside it; neither replaces the other. */
export function Answers({ first, verdict, flagged, codes }: AnswersProps) {
  const decision =
    verdict && flagged !== null
      ? decisionsFor(flagged).find((known) => known.decision === verdict.decision)?.label
      : verdict?.decision;
  const changed = [...(verdict?.reason_words ?? []), ...codes].find(
    (known) => known.code === verdict?.changed_mind_code,
  )?.label;
  return (
    <div className="answers" data-count={verdict ? 2 : 1}>
      <h2 className="visually-hidden">{t`Your answers`}</h2>
      <Card title={t`First answer`} answer={answerLabel(first.answer)}>
        <p className="muted">
          {t`confidence ${first.confidence} of 5`}
          {first.regions.length > 0
            ? `, ${plural(first.regions.length, { one: "# region", other: "# regions" })}`
            : ""}
        </p>
        <Reasons codes={codes} given={first.reason_codes} words={first.reason_words} />
        {first.note === "" ? null : <p className="answer-note">{first.note}</p>}
        <p className="answer-facts">
          <Trans>
            sealed {formatClockSeconds(first.sealed_at)}, seal{" "}
            <span className="mono">{shortHash(first.seal_sha256)}</span>
          </Trans>
        </p>
      </Card>
      {verdict ? (
        <Card title={t`Final answer`} answer={outcomeLabel(verdict.outcome)}>
          <p className="muted">
            {decision}
            {verdict.regions.length > 0
              ? `, ${plural(verdict.regions.length, { one: "# region", other: "# regions" })}`
              : ""}
          </p>
          <Reasons codes={codes} given={verdict.reason_codes} words={verdict.reason_words} />
          {changed === undefined ? null : <p>{t`Changed: ${changed}`}</p>}
          {verdict.note === "" ? null : <p className="answer-note">{verdict.note}</p>}
          <p className="answer-facts">
            {t`filed ${formatClockSeconds(verdict.filed_at)}, entry ${formatCount(verdict.log_position)}`}
          </p>
          {verdict.replaces === null ? null : (
            <p className="answer-facts">{t`Amends an earlier verdict: ${verdict.amend_reason}`}</p>
          )}
        </Card>
      ) : null}
    </div>
  );
}
