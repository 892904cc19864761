/** The columns of a worklist. A blind one has none that could hint at the system's opinion. */
import { t } from "@lingui/core/macro";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { CaseRow, WorklistMode } from "@/api/types";
import { formatAgeSex, formatMoment, formatPatientName, formatWhen } from "@/ui/format";

import {
  FlagCell,
  PriorityCell,
  ReasonCell,
  StateCell,
  SuspicionCell,
  WaitingCell,
} from "./cells";
import type { SortField } from "./filters";

export interface CellContext {
  row: CaseRow;
  isGone: boolean;
  meId: string;
  nowMs: number;
}

export interface Column {
  name: string;
  label: string;
  sort?: SortField;
  cell: (context: CellContext) => ReactNode;
}

const received: Column = {
  name: "received",
  label: t`Received`,
  sort: "received",
  cell: ({ row, nowMs }) => (
    <time dateTime={row.received_at} title={formatMoment(row.received_at)}>
      {formatWhen(row.received_at, new Date(nowMs))}
    </time>
  ),
};

const patient: Column = {
  name: "patient",
  label: t`Patient`,
  sort: "patient",
  cell: ({ row }) => (
    <>
      <Link to={`/cases/${row.id}`} className="patient-link truncate" tabIndex={-1}>
        {formatPatientName(row.patient.name)}
      </Link>
      <span className="cell-quiet">{formatAgeSex(row.patient.age_years, row.patient.sex)}</span>
    </>
  ),
};

const modality: Column = {
  name: "modality",
  label: t`Mod`,
  sort: "modality",
  cell: ({ row }) => row.modality,
};

function accession({ accession_number }: CaseRow): string {
  return accession_number === "" ? t`Accession not given` : t`Accession ${accession_number}`;
}

const study: Column = {
  name: "study",
  label: t`Study`,
  cell: ({ row }) => (
    <span className="truncate" title={`${row.description}\n${accession(row)}`}>
      {row.description || t`No description`}
    </span>
  ),
};

const views: Column = {
  name: "views",
  label: t({ message: "Views", context: "pictures of a study" }),
  cell: ({ row }) => row.view_count,
};

const state: Column = {
  name: "state",
  label: t`State`,
  cell: (context) => <StateCell {...context} />,
};

const waiting: Column = {
  name: "waiting",
  label: t`Waiting`,
  cell: (context) => <WaitingCell {...context} />,
};

const priority: Column = {
  name: "priority",
  label: t`Class`,
  cell: ({ row }) => <PriorityCell row={row} />,
};

const holder: Column = {
  name: "holder",
  label: t`With`,
  cell: ({ row, meId }) =>
    row.claimed_by === null ? null : (
      <span className="truncate">
        {row.claimed_by.id === meId ? t`You` : row.claimed_by.display_name}
      </span>
    ),
};

const flag: Column = {
  name: "flag",
  label: t`Flag`,
  cell: ({ row }) => <FlagCell triage={row.triage} />,
};

const suspicion: Column = {
  name: "suspicion",
  label: t`Suspicion`,
  sort: "suspicion",
  cell: ({ row }) => <SuspicionCell row={row} />,
};

const reason: Column = {
  name: "reason",
  label: t`Top lane and reason`,
  cell: ({ row }) => <ReasonCell row={row} />,
};

// Made once: a row is drawn again only if what it is given changed.
const TRIAGE_COLUMNS: readonly Column[] = [
  flag,
  suspicion,
  priority,
  patient,
  modality,
  study,
  reason,
  state,
  waiting,
  received,
  holder,
];
const BLIND_COLUMNS: readonly Column[] = [
  priority,
  received,
  patient,
  modality,
  study,
  views,
  state,
  waiting,
  holder,
];

export function columnsFor(mode: WorklistMode): readonly Column[] {
  return mode === "triage" ? TRIAGE_COLUMNS : BLIND_COLUMNS;
}
