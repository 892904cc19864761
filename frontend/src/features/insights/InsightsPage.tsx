import { useQuery } from "@tanstack/react-query";

import { insightsQuery } from "@/api/queries";
import type { InsightsSummary } from "@/api/types";
import { formatCount, formatMinutes, formatPercent, plural } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";

import { CanaryPanel } from "./CanaryTable";
import { LaneTable } from "./LaneTable";
import { SwitchTable } from "./SwitchTable";
import { Spread, Tile } from "./Tiles";
import "./insights.css";

export function InsightsPage() {
  const summary = useQuery(insightsQuery);
  return (
    <div className="page page-scroll">
      <title>Insights · Truefilm</title>
      <div className="page-head">
        <h1>Insights</h1>
        <p className="page-lead">
          What was read at this site, and how far readers and system agree.
        </p>
      </div>
      <div className="page-body insights-body">
        {summary.isPending ? (
          <SkeletonRows label="Loading the figures" count={8} />
        ) : summary.data === undefined ? (
          <ErrorState
            title="The figures could not be loaded"
            error={summary.error}
            onRetry={() => void summary.refetch()}
          />
        ) : (
          <Figures summary={summary.data} />
        )}
      </div>
    </div>
  );
}

function Figures({ summary }: { summary: InsightsSummary }) {
  const { oldest_open_minutes, overrule_rate, agreement } = summary;
  return (
    <>
      <div className="tiles">
        <Tile label="Open cases" value={formatCount(summary.open_cases)}>
          {oldest_open_minutes === null
            ? "Nobody is waiting."
            : `The oldest has waited ${formatMinutes(oldest_open_minutes)}.`}
        </Tile>
        <Tile label="Verdicts filed" value={formatCount(summary.verdicts)}>
          {plural(summary.flags_decided, "flag")} decided among them.
        </Tile>
        <Tile
          label="Flags overruled"
          value={overrule_rate.value === null ? "none yet" : formatPercent(overrule_rate.value)}
        >
          <Spread interval={overrule_rate} />
          {overrule_rate.n === 0
            ? "No flag has been decided."
            : `${formatCount(summary.flags_overruled)} of ${plural(overrule_rate.n, "decided flag")}`}
        </Tile>
        <Tile
          label="Verdicts that agree with the system"
          value={agreement.value === null ? "none yet" : formatPercent(agreement.value)}
        >
          <Spread interval={agreement} />
          {agreement.n === 0
            ? "No case has been decided."
            : `of ${plural(agreement.n, "decided case")}`}
        </Tile>
      </div>
      <div className="insights-split">
        <section className="panel" aria-label="Lanes">
          <h2 className="insights-title">Lanes, over decided cases</h2>
          <LaneTable lanes={summary.lanes} />
        </section>
        <section className="panel" aria-label="Changed minds">
          <h2 className="insights-title">After seeing the evidence</h2>
          <SwitchTable switches={summary.switches} />
        </section>
      </div>
      <CanaryPanel />
    </>
  );
}
