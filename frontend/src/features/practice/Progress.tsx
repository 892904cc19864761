/** A reader's own figures; every bar stands beside its number. */
import type { ReactNode } from "react";

import type { Interval, PracticeProgress } from "@/api/types";
import { formatCount, formatPercent, formatWhen, plural } from "@/ui/format";
import { Spread, Tile } from "@/ui/Tiles";

import { kindLabel } from "./words";

export function Progress({ progress }: { progress: PracticeProgress }) {
  if (progress.answers === 0) {
    return <p className="muted">Your progress appears here with your first answer.</p>;
  }
  return (
    <section className="practice-progress" aria-label="Your progress">
      <h2>Your progress</h2>
      <p className="muted">
        Of your first answer to each film: of one seen before you know the truth. “Cannot tell”
        counts as not right.
      </p>
      <div className="tiles">
        <Rate label="Sensitivity" share={progress.sensitivity}>
          generated or altered films that you called suspicious
        </Rate>
        <Rate label="Specificity" share={progress.specificity}>
          authentic films that you called authentic
        </Rate>
        <Tile label="Films answered" value={formatCount(progress.films)}>
          {plural(progress.answers, "answer")} in all; {formatCount(progress.cannot_tell)} films
          you could not tell.
        </Tile>
      </div>
      <div className="practice-tables">
        <Shares title="By kind of film" first="Kind">
          {progress.kinds.map(({ kind, right }) => (
            <Row key={kind} name={kindLabel(kind)} right={right} />
          ))}
        </Shares>
        <Shares
          title="By confidence"
          first="You were"
          note="Sure answers should be right more often."
        >
          {progress.calibration.map(({ confidence, right }) => (
            <Row key={confidence} name={confidenceWords(confidence)} right={right} />
          ))}
        </Shares>
        <Shares title="Over time" first="Begun" note="All answers, films seen before as well.">
          {progress.sessions.map(({ session_id, started_at, right, new_films }) => (
            <Row
              key={session_id}
              name={`${formatWhen(started_at)}, ${formatCount(new_films)} new`}
              right={right}
            />
          ))}
        </Shares>
      </div>
    </section>
  );
}

function confidenceWords(confidence: number): string {
  if (confidence === 1) return "1, guessing";
  return confidence === 5 ? "5, certain" : String(confidence);
}

interface RateProps {
  readonly label: string;
  readonly share: Interval;
  readonly children: ReactNode;
}

function Rate({ label, share, children }: RateProps) {
  const { value, n } = share;
  return (
    <Tile label={label} value={value === null ? "none yet" : formatPercent(value, 0)}>
      <Spread interval={share} />
      {value === null ? "None of the " : `${formatCount(Math.round(value * n))} of ${n} `}
      {children}
      {value === null ? " yet" : ""}
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
            <th scope="col">Right, with its 95 % interval</th>
            <th scope="col" className="numeric">
              Of
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
          <span className="muted">none yet</span>
        ) : (
          <span className="practice-share">
            <span className="numeric">{formatPercent(value, 0)}</span>
            <span className="spread-line" aria-hidden>
              <span style={{ left: `${low * 100}%`, right: `${100 - high * 100}%` }} />
              <i style={{ left: `${value * 100}%` }} />
            </span>
            <span className="muted numeric">
              {formatPercent(low, 0)} to {formatPercent(high, 0)}
            </span>
          </span>
        )}
      </td>
      <td className="numeric">{formatCount(n)}</td>
    </tr>
  );
}
