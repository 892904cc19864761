/** A reader's own figures; every bar stands beside its number. */
import { plural, t } from "@lingui/core/macro";
import type { ReactNode } from "react";

import type { Interval, PracticeProgress } from "@/api/types";
import { formatCount, formatPercent, formatWhen } from "@/ui/format";
import { Spread, Tile } from "@/ui/Tiles";

import { kindLabel } from "./words";

export function Progress({ progress }: { progress: PracticeProgress }) {
  if (progress.answers === 0) {
    return <p className="muted">{t`Your progress appears here with your first answer.`}</p>;
  }
  return (
    <section className="practice-progress" aria-label={t`Your progress`}>
      <h2>{t`Your progress`}</h2>
      <p className="muted">
        {t`Of your first answer to each film: of one seen before you know the truth. “Cannot tell” counts as not right.`}
      </p>
      <div className="tiles">
        <Rate label={t`Sensitivity`} share={progress.sensitivity} of={FAKES} />
        <Rate label={t`Specificity`} share={progress.specificity} of={AUTHENTIC} />
        <Tile label={t`Films answered`} value={formatCount(progress.films)}>
          {t`${plural(progress.answers, { one: "# answer", other: "# answers" })} in all; ${plural(progress.cannot_tell, { one: "# film", other: "# films" })} you could not tell.`}
        </Tile>
      </div>
      <div className="practice-tables">
        <Shares title={t`By kind of film`} first={t`Kind`}>
          {progress.kinds.map(({ kind, right }) => (
            <Row key={kind} name={kindLabel(kind)} right={right} />
          ))}
        </Shares>
        <Shares
          title={t`By confidence`}
          first={t`You were`}
          note={t`Sure answers should be right more often.`}
        >
          {progress.calibration.map(({ confidence, right }) => (
            <Row key={confidence} name={confidenceWords(confidence)} right={right} />
          ))}
        </Shares>
        <Shares
          title={t`Over time`}
          first={t`Begun`}
          note={t`All answers, films seen before as well.`}
        >
          {progress.sessions.map(({ session_id, started_at, right, new_films }) => (
            <Row
              key={session_id}
              name={t`${formatWhen(started_at)}, ${formatCount(new_films)} new`}
              right={right}
            />
          ))}
        </Shares>
      </div>
    </section>
  );
}

function confidenceWords(confidence: number): string {
  if (confidence === 1) return t`1, guessing`;
  return confidence === 5 ? t`5, certain` : String(confidence);
}

/** What a share is of, in a sentence. */
interface Whole {
  readonly none: string;
  readonly some: (count: string, total: string) => string;
}

const FAKES: Whole = {
  none: t`You have answered no generated or altered film yet.`,
  some: (count, total) =>
    t`${count} of ${total} generated or altered films that you called suspicious`,
};
const AUTHENTIC: Whole = {
  none: t`You have answered no authentic film yet.`,
  some: (count, total) => t`${count} of ${total} authentic films that you called authentic`,
};

interface RateProps {
  readonly label: string;
  readonly share: Interval;
  readonly of: Whole;
}

function Rate({ label, share, of }: RateProps) {
  const { value, n } = share;
  return (
    <Tile label={label} value={value === null ? t`none yet` : formatPercent(value, 0)}>
      <Spread interval={share} />
      {value === null ? of.none : of.some(formatCount(Math.round(value * n)), formatCount(n))}
    </Tile>
  );
}

interface SharesProps {
  readonly title: string;
  readonly first: string;
  readonly note?: string;
  readonly children: ReactNode;
}

function Shares({ title, first, note, children }: SharesProps) {
  return (
    <section className="panel" aria-label={title}>
      <div className="practice-title">
        <h3>{title}</h3>
        {note === undefined ? null : <p className="muted">{note}</p>}
      </div>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">{first}</th>
            <th scope="col">{t`Right, with its 95 % interval`}</th>
            <th scope="col" className="numeric">
              {t`Of`}
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function Row({ name, right }: { name: string; right: Interval }) {
  const { value, low, high, n } = right;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {value === null || low === null || high === null ? (
          <span className="muted">{t`none yet`}</span>
        ) : (
          <span className="practice-share">
            <span className="numeric">{formatPercent(value, 0)}</span>
            <span className="spread-line" aria-hidden>
              <span style={{ left: `${low * 100}%`, right: `${100 - high * 100}%` }} />
              <i style={{ left: `${value * 100}%` }} />
            </span>
            <span className="muted numeric">
              {t`${formatPercent(low, 0)} to ${formatPercent(high, 0)}`}
            </span>
          </span>
        )}
      </td>
      <td className="numeric">{formatCount(n)}</td>
    </tr>
  );
}
