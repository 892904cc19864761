/** What a second, blind read elsewhere found of a triage department's cases. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";

import { auditsQuery } from "@/api/queries";
import type { DepartmentAudits } from "@/api/types";
import { formatCount, formatPercent } from "@/ui/format";

import { type Column, DepartmentPanel, Figure } from "./DepartmentPanel";

const COLUMNS: readonly Column<DepartmentAudits>[] = [
  { name: t`Share`, isNumber: true, cell: ({ share }) => formatPercent(share) },
  { name: t`Being read`, isNumber: true, cell: ({ open }) => formatCount(open) },
  { name: t`Dropped`, isNumber: true, cell: ({ dropped }) => formatCount(dropped) },
  { name: t`Closed`, isNumber: true, cell: ({ closed }) => formatCount(closed) },
  {
    name: t`Missed below the flag`,
    cell: ({ missed_by_system: share }) => <Figure share={share} />,
  },
  {
    name: t`Missed by first readers`,
    cell: ({ missed_by_readers: share }) => <Figure share={share} />,
  },
];

export function AuditPanel() {
  return (
    <DepartmentPanel
      title={t`Audits of triage`}
      rooms={useQuery(auditsQuery)}
      failed={t`The figures on audits could not be loaded`}
      none={t`No triage department is audited. The share and the department that audits are set on the staff pages.`}
      columns={COLUMNS}
      note={t`Drawn when they came in, and read once more a week later by another department, blind. Missed: closed as suspicious, though not flagged, or though the first reader called it authentic. Dropped: not read within a week by either department, or nobody could read it blind.`}
    />
  );
}
