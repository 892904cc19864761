import { plural, t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";

import { insightsQuery } from "@/api/queries";
import type { InsightsSummary } from "@/api/types";
import { formatCount, formatMinutes, formatPercent } from "@/ui/format";
import { ScrollPage } from "@/ui/ScrollPage";
import { ErrorState, SkeletonRows } from "@/ui/states";

import { AuditPanel } from "./AuditTable";
import { CanaryPanel } from "./CanaryTable";
import { LaneTable } from "./LaneTable";
import { SwitchTable } from "./SwitchTable";
import { Spread, Tile } from "./Tiles";
import "./insights.css";

export function InsightsPage() {
  const summary = useQuery(insightsQuery);
  return (
    <ScrollPage label={t`Insights`}>
      <title>{t`Insights · Truefilm`}</title>
      <div className="page-head">
        <h1>{t`Insights`}</h1>
        <p className="page-lead">
          {t`What was read at this site, and how far readers and system agree.`}
        </p>
      </div>
      <div className="page-body insights-body">
        {summary.isPending ? (
          <SkeletonRows label={t`Loading the figures`} count={8} />
        ) : summary.data === undefined ? (
          <ErrorState
            title={t`The figures could not be loaded`}
            error={summary.error}
            onRetry={() => void summary.refetch()}
          />
        ) : (
          <Figures summary={summary.data} />
        )}
      </div>
    </ScrollPage>
  );
}

function Figures({ summary }: { summary: InsightsSummary }) {
  const { oldest_open_minutes, overrule_rate, agreement } = summary;
  return (
    <>
      <div className="tiles">
        <Tile label={t`Open cases`} value={formatCount(summary.open_cases)}>
          {oldest_open_minutes === null
            ? t`Nobody is waiting.`
            : oldest_open_minutes < 1
              ? t`The oldest came in just now.`
              : t`The oldest has waited ${formatMinutes(oldest_open_minutes)}.`}
        </Tile>
        <Tile label={t`Verdicts filed`} value={formatCount(summary.verdicts)}>
          {plural(summary.flags_decided, {
            one: "# flag decided among them.",
            other: "# flags decided among them.",
          })}
        </Tile>
        <Tile
          label={t`Flags overruled`}
          value={
            overrule_rate.value === null ? t`none yet` : formatPercent(overrule_rate.value)
          }
        >
          <Spread interval={overrule_rate} />
          {overrule_rate.n === 0
            ? t`No flag has been decided.`
            : t`${formatCount(summary.flags_overruled)} of ${plural(overrule_rate.n, { one: "# decided flag", other: "# decided flags" })}`}
        </Tile>
        <Tile
          label={t`Verdicts that agree with the system`}
          value={agreement.value === null ? t`none yet` : formatPercent(agreement.value)}
        >
          <Spread interval={agreement} />
          {agreement.n === 0
            ? t`No case has been decided.`
            : plural(agreement.n, { one: "of # decided case", other: "of # decided cases" })}
        </Tile>
      </div>
      <div className="insights-split">
        <section className="panel" aria-label={t`Lanes`}>
          <h2 className="insights-title">{t`Lanes, over decided cases`}</h2>
          <LaneTable lanes={summary.lanes} />
        </section>
        <section className="panel" aria-label={t`Changed minds`}>
          <h2 className="insights-title">{t`After seeing the evidence`}</h2>
          <SwitchTable switches={summary.switches} />
        </section>
      </div>
      <div className="insights-rooms-all">
        <CanaryPanel />
        <AuditPanel />
      </div>
    </>
  );
}
