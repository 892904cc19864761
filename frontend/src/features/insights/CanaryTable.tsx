/** Films of known truth by department; no reader is named, and the server knows why. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";

import { canariesQuery } from "@/api/queries";
import type { DepartmentCanaries, Interval } from "@/api/types";
import { formatCount, formatPercent } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";

export function CanaryPanel() {
  const rooms = useQuery(canariesQuery);
  return (
    <section className="panel insights-canaries" aria-label={t`Films of known truth`}>
      <h2 className="insights-title">{t`Films of known truth`}</h2>
      {rooms.isPending ? (
        <SkeletonRows label={t`Loading the figures`} count={2} />
      ) : rooms.data === undefined ? (
        <ErrorState
          title={t`The figures on films of known truth could not be loaded`}
          error={rooms.error}
          onRetry={() => void rooms.refetch()}
        />
      ) : (
        <CanaryTable rooms={rooms.data} />
      )}
    </section>
  );
}

function CanaryTable({ rooms }: { rooms: readonly DepartmentCanaries[] }) {
  const used = rooms.filter((room) => room.share > 0 || room.in_stock > 0 || room.results > 0);
  if (used.length === 0) {
    return (
      <p className="insights-none">
        {t`No department mixes films of known truth in. The share is set on the staff pages.`}
      </p>
    );
  }
  return (
    <>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">{t`Worklist`}</th>
            <th scope="col" className="numeric">
              {t`Share`}
            </th>
            <th scope="col" className="numeric">
              {t`In stock`}
            </th>
            <th scope="col" className="numeric">
              {t`Not sent`}
            </th>
            <th scope="col" className="numeric">
              {t`Reads`}
            </th>
            <th scope="col">{t`Fakes missed, first`}</th>
            <th scope="col">{t`Fakes missed, verdict`}</th>
            <th scope="col">{t`False alarms, first`}</th>
            <th scope="col">{t`False alarms, verdict`}</th>
          </tr>
        </thead>
        <tbody>
          {used.map((room) => (
            <tr key={room.slug}>
              <th scope="row">{room.name}</th>
              <td className="numeric">{formatPercent(room.share)}</td>
              <td className="numeric">{formatCount(room.in_stock)}</td>
              <td className="numeric">{formatCount(room.dropped)}</td>
              <td className="numeric">{formatCount(room.results)}</td>
              <td>
                <Figure share={room.figures.first_missed} />
              </td>
              <td>
                <Figure share={room.figures.final_missed} />
              </td>
              <td>
                <Figure share={room.figures.first_alarms} />
              </td>
              <td>
                <Figure share={room.figures.final_alarms} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="insights-none">
        {t`Over closed cases, from three readers on and five reads at a time, so that no figure is one reader’s. In stock counts a film until its case is closed. Not sent: none would have passed among the cases of that day.`}
      </p>
    </>
  );
}

export function Figure({ share }: { share: Interval }) {
  const { value, low, high, n } = share;
  if (value === null || low === null || high === null) {
    return <span className="muted">{t`none yet`}</span>;
  }
  return (
    <span className="canary-figure" title={t`${Math.round(value * n)} of ${n}`}>
      {formatPercent(value)}{" "}
      <span className="muted">{t`${formatPercent(low)} to ${formatPercent(high)}`}</span>
    </span>
  );
}
