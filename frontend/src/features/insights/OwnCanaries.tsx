/** Closed cases of the reader's whose truth was known all along. */
import { plural, t } from "@lingui/core/macro";
import { Link } from "react-router";

import type { OwnCanary, OwnReading } from "@/api/types";
import { formatWhen } from "@/ui/format";

import { Share, type Whole } from "./Share";

const TRUTHS: Record<OwnCanary["truth"], string> = {
  authentic: t`Authentic`,
  generated: t`Generated`,
  altered: t`Altered in a part`,
};
const WORDS: Record<OwnCanary["first_answer"] | OwnCanary["outcome"], string> = {
  authentic: t`Authentic`,
  suspicious: t`Suspicious`,
  cannot_tell: t`Cannot tell`,
  inconclusive: t`Inconclusive`,
};

const FAKES: Whole = {
  none: t`You had no fake among these.`,
  some: (count, total) => t`${count} of ${plural(total, { one: "# fake", other: "# fakes" })}`,
};
const AUTHENTIC: Whole = {
  none: t`You had no authentic film among these.`,
  some: (count, total) =>
    t`${count} of ${plural(total, { one: "# authentic film", other: "# authentic films" })}`,
};

export function OwnCanaries({ canaries }: { canaries: OwnReading["canaries"] }) {
  const { figures, newest } = canaries;
  return (
    <section className="own-truth" aria-label={t`Films of known truth`}>
      <h2>{t`Films of known truth among your cases`}</h2>
      {newest.length === 0 ? (
        <p>
          {t`None so far. Where a department mixes such films in, they are told here once their case is closed.`}
        </p>
      ) : (
        <>
          <p>
            {t`Mixed in by your department to measure misses; nobody else sees how you read them. First answers of blind reads only; “cannot tell” is neither miss nor false alarm.`}
          </p>
          <div className="tiles">
            <Share label={t`Fakes missed at first`} share={figures.first_missed} of={FAKES} />
            <Share
              label={t`Fakes missed in the verdict`}
              share={figures.final_missed}
              of={FAKES}
            />
            <Share
              label={t`False alarms at first`}
              share={figures.first_alarms}
              of={AUTHENTIC}
            />
            <Share
              label={t`False alarms in the verdict`}
              share={figures.final_alarms}
              of={AUTHENTIC}
            />
          </div>
          <div className="panel own-canaries">
            <table className="data-table">
              <thead>
                <tr>
                  <th scope="col">{t`Case`}</th>
                  <th scope="col">{t`The film is`}</th>
                  <th scope="col">{t`Your first answer`}</th>
                  <th scope="col">{t`Your verdict`}</th>
                  <th scope="col">{t`Filed`}</th>
                </tr>
              </thead>
              <tbody>
                {newest.map((canary) => (
                  <Row key={canary.case_id} canary={canary} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

function Row({ canary }: { canary: OwnCanary }) {
  return (
    <tr>
      <th scope="row">
        <Link to={`/cases/${canary.case_id}`}>{canary.case_id.slice(0, 8)}</Link>
      </th>
      <td>{TRUTHS[canary.truth]}</td>
      <td>
        {WORDS[canary.first_answer]}
        {canary.is_blind ? "" : t`, informed`}
        <Judged answer={canary.first_answer} truth={canary.truth} />
      </td>
      <td>
        {WORDS[canary.outcome]}
        <Judged answer={canary.outcome} truth={canary.truth} />
      </td>
      <td>{formatWhen(canary.filed_at)}</td>
    </tr>
  );
}

/** In words and colour: a miss, a false alarm, or nothing for what was right or neither. */
function Judged({ answer, truth }: { answer: string; truth: OwnCanary["truth"] }) {
  const isReal = truth === "authentic";
  const isMiss = !isReal && answer === "authentic";
  if (!isMiss && !(isReal && answer === "suspicious")) return null;
  return <span className="badge tone-amber">{isMiss ? t`missed` : t`false alarm`}</span>;
}
