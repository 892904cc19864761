/** What a second, blind read elsewhere found of a triage department's cases. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";

import { auditsQuery } from "@/api/queries";
import type { DepartmentAudits } from "@/api/types";
import { formatCount, formatPercent } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";

import { Figure } from "./CanaryTable";

export function AuditPanel() {
  const rooms = useQuery(auditsQuery);
  return (
    <section className="panel insights-canaries" aria-label={t`Audits of triage`}>
      <h2 className="insights-title">{t`Audits of triage`}</h2>
      {rooms.isPending ? (
        <SkeletonRows label={t`Loading the figures`} count={2} />
      ) : rooms.data === undefined ? (
        <ErrorState
          title={t`The figures on audits could not be loaded`}
          error={rooms.error}
          onRetry={() => void rooms.refetch()}
        />
      ) : (
        <AuditTable rooms={rooms.data} />
      )}
    </section>
  );
}

function AuditTable({ rooms }: { rooms: readonly DepartmentAudits[] }) {
  if (rooms.length === 0) {
    return (
      <p className="insights-none">
        {t`No triage department is audited. The share and the department that audits are set on the staff pages.`}
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
              {t`Being read`}
            </th>
            <th scope="col" className="numeric">
              {t`Dropped`}
            </th>
            <th scope="col" className="numeric">
              {t`Closed`}
            </th>
            <th scope="col">{t`Missed below the flag`}</th>
            <th scope="col">{t`Missed by first readers`}</th>
          </tr>
        </thead>
        <tbody>
          {rooms.map((room) => (
            <tr key={room.slug}>
              <th scope="row">{room.name}</th>
              <td className="numeric">{formatPercent(room.share)}</td>
              <td className="numeric">{formatCount(room.open)}</td>
              <td className="numeric">{formatCount(room.dropped)}</td>
              <td className="numeric">{formatCount(room.closed)}</td>
              <td>
                <Figure share={room.missed_by_system} />
              </td>
              <td>
                <Figure share={room.missed_by_readers} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="insights-none">
        {t`Drawn when they came in, and read once more a week later by another department, blind. Missed: closed as suspicious, though not flagged, or though the first reader called it authentic. Dropped: not read within a week by either department, or nobody could read it blind.`}
      </p>
    </>
  );
}
