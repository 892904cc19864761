import { t } from "@lingui/core/macro";
import type { LaneSummary } from "@/api/types";
import { formatFixed, formatCount, formatPercent } from "@/ui/format";
import { laneLabel } from "@/ui/lanes";

export function LaneTable({ lanes }: { lanes: readonly LaneSummary[] }) {
  if (lanes.length === 0)
    return <p className="insights-none">{t`No case has been decided yet.`}</p>;
  return (
    <table className="data-table lane-table">
      <thead>
        <tr>
          <th scope="col">{t`Lane`}</th>
          <th scope="col" className="numeric">
            {t`Runs`}
          </th>
          <th scope="col">{t`Findings`}</th>
          <th scope="col">{t`Not assessable`}</th>
          <th scope="col" className="numeric">
            {t`Median time`}
          </th>
        </tr>
      </thead>
      <tbody>
        {lanes.map((lane) => (
          <tr key={lane.lane}>
            <th scope="row">{laneLabel(lane.lane)}</th>
            <td className="numeric">{formatCount(lane.runs)}</td>
            <td>
              <Share count={lane.findings} of={lane.runs} tone="tone-amber" />
            </td>
            <td>
              <Share count={lane.not_assessable} of={lane.runs} tone="tone-grey" />
            </td>
            <td className="numeric">{formatSeconds(lane.median_seconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Share({ count, of, tone }: { count: number; of: number; tone: string }) {
  if (of === 0) return <span className="muted">{t`none yet`}</span>;
  const ratio = count / of;
  return (
    <span className="share">
      <span className="numeric">{formatCount(count)}</span>
      <span className={`bar ${tone}`} aria-hidden>
        <span style={{ width: `${ratio * 100}%` }} />
      </span>
      <span className="numeric muted">{formatPercent(ratio)}</span>
    </span>
  );
}

function formatSeconds(seconds: number | null): string {
  if (seconds === null) return "";
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${formatFixed(seconds, 2)} s`;
}
