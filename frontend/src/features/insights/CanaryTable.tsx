/** Films of known truth by department; no reader is named, and the server knows why. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";

import { canariesQuery } from "@/api/queries";
import type { DepartmentCanaries } from "@/api/types";
import { formatCount, formatPercent } from "@/ui/format";

import { type Column, DepartmentPanel, Figure } from "./DepartmentPanel";

const COLUMNS: readonly Column<DepartmentCanaries>[] = [
  { name: t`Share`, isNumber: true, cell: ({ share }) => formatPercent(share) },
  { name: t`In stock`, isNumber: true, cell: ({ in_stock }) => formatCount(in_stock) },
  { name: t`Not sent`, isNumber: true, cell: ({ dropped }) => formatCount(dropped) },
  { name: t`Reads`, isNumber: true, cell: ({ results }) => formatCount(results) },
  {
    name: t`Fakes missed, first`,
    cell: ({ figures }) => <Figure share={figures.first_missed} />,
  },
  {
    name: t`Fakes missed, verdict`,
    cell: ({ figures }) => <Figure share={figures.final_missed} />,
  },
  {
    name: t`False alarms, first`,
    cell: ({ figures }) => <Figure share={figures.first_alarms} />,
  },
  {
    name: t`False alarms, verdict`,
    cell: ({ figures }) => <Figure share={figures.final_alarms} />,
  },
];

/** Departments that never had to do with such films are not listed. */
function withCanaries(rooms: DepartmentCanaries[]): DepartmentCanaries[] {
  return rooms.filter(
    ({ share, in_stock, results }) => share > 0 || in_stock > 0 || results > 0,
  );
}

export function CanaryPanel() {
  return (
    <DepartmentPanel
      title={t`Films of known truth`}
      rooms={useQuery({ ...canariesQuery, select: withCanaries })}
      failed={t`The figures on films of known truth could not be loaded`}
      none={t`No department mixes films of known truth in. The share is set on the staff pages.`}
      columns={COLUMNS}
      note={t`Over closed cases, from three readers on and five reads at a time, so that no figure is one reader’s. In stock counts a film until its case is closed. Not sent: none would have passed among the cases of that day.`}
    />
  );
}
