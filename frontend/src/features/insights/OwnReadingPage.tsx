import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { ownReadingQuery } from "@/api/queries";
import type { OwnReading } from "@/api/types";
import { formatCount } from "@/ui/format";
import { ScrollPage } from "@/ui/ScrollPage";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

import { OwnCanaries } from "./OwnCanaries";
import { Share, type Whole } from "./Share";
import { Tile } from "./Tiles";
import "./insights.css";

/** What the signed-in reader did; the server has no such page of anybody else. */
export function OwnReadingPage() {
  const own = useQuery(ownReadingQuery);
  return (
    <ScrollPage label={t`My reading`}>
      <title>{t`My reading · Truefilm`}</title>
      <div className="page-head">
        <h1>{t`My reading`}</h1>
        <p className="page-lead">
          {t`Your own figures. Nobody else can open this page, your lead neither.`}
        </p>
      </div>
      <div className="page-body insights-body">
        {own.isPending ? (
          <SkeletonRows label={t`Loading your figures`} count={6} />
        ) : own.data === undefined ? (
          <ErrorState
            title={t`Your figures could not be loaded`}
            error={own.error}
            onRetry={() => void own.refetch()}
          />
        ) : own.data.reads === 0 ? (
          <EmptyState title={t`You have sealed no answer yet`}>
            <p>
              <Trans>
                Read a case and your figures begin here. <Link to="/worklists">Worklist</Link>
              </Trans>
            </p>
          </EmptyState>
        ) : (
          <Figures own={own.data} />
        )}
      </div>
    </ScrollPage>
  );
}

function Figures({ own }: { own: OwnReading }) {
  const truth = own.against_truth;
  return (
    <>
      <div className="tiles">
        <Tile label={t`Answers sealed`} value={formatCount(own.reads)}>
          {t`${formatCount(own.blind_reads)} of them blind; ${plural(own.verdicts, { one: "# verdict", other: "# verdicts" })} filed.`}
        </Tile>
        <Tile label={t`From look to seal`} value={formatSeconds(own.seconds_to_seal)}>
          {t`Median of your newest 200 reads.`}
        </Tile>
        <Tile label={t`From seal to verdict`} value={formatSeconds(own.seconds_to_verdict)}>
          {t`Median of your newest 200 reads.`}
        </Tile>
      </div>
      <section className="own-truth" aria-label={t`Against the truth`}>
        <h2>{t`Where an adjudicator settled the case`}</h2>
        {truth.first_right.n === 0 ? (
          <p>
            {t`None of your blind reads has been settled by an adjudicator yet. Shares appear with the first.`}
          </p>
        ) : (
          <>
            <p>{t`Readers differed on these cases, so they are harder than most.`}</p>
            <div className="tiles">
              <Share label={t`First answer right`} share={truth.first_right} of={SETTLED} />
              <Share label={t`Verdict right`} share={truth.final_right} of={SETTLED} />
              <Share label={t`Right, then wrong`} share={truth.right_to_wrong} of={RIGHT} />
              <Share label={t`Wrong, then right`} share={truth.wrong_to_right} of={WRONG} />
            </div>
          </>
        )}
      </section>
      <OwnCanaries canaries={own.canaries} />
    </>
  );
}

const SETTLED: Whole = {
  none: t`You had no settled read among these.`,
  some: (count, total) =>
    t`${count} of ${plural(total, { one: "# settled read", other: "# settled reads" })}`,
};
const RIGHT: Whole = {
  none: t`You had no right first answer among these.`,
  some: (count, total) =>
    t`${count} of ${plural(total, { one: "# right first answer", other: "# right first answers" })}`,
};
const WRONG: Whole = {
  none: t`You had no wrong first answer among these.`,
  some: (count, total) =>
    t`${count} of ${plural(total, { one: "# wrong first answer", other: "# wrong first answers" })}`,
};

function formatSeconds(seconds: number | null): string {
  if (seconds === null) return t`none yet`;
  const whole = Math.round(seconds);
  if (whole < 100) return t`${whole} s`;
  return t`${Math.floor(whole / 60)} min ${whole % 60} s`;
}
