/** The columns of a worklist. A blind one has none that could hint at the system's opinion. */
import { t } from "@lingui/core/macro";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { CaseRow, ColumnChoice, WorklistMode } from "@/api/types";
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

const accessionNumber: Column = {
  name: "accession",
  label: t`Accession`,
  cell: ({ row }) => <span className="truncate">{row.accession_number}</span>,
};

const patientId: Column = {
  name: "patient_id",
  label: t`Patient ID`,
  cell: ({ row }) => <span className="truncate">{row.patient.patient_id}</span>,
};

const due: Column = {
  name: "due",
  label: t`Due`,
  cell: ({ row, nowMs }) => (
    <time dateTime={row.due_at} title={formatMoment(row.due_at)}>
      {formatWhen(row.due_at, new Date(nowMs))}
    </time>
  ),
};

/** The columns of a list nobody chose any for, and those it can show beside them. */
interface Offer {
  readonly own: readonly Column[];
  readonly more: readonly Column[];
}

const TRIAGE: Offer = {
  own: [
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
  ],
  more: [patientId, accessionNumber, views, due],
};
const BLIND: Offer = {
  own: [priority, received, patient, modality, study, views, state, waiting, holder],
  more: [patientId, accessionNumber, due],
};

/** A blind list offers no column of the opinion, whatever it is asked for. */
export function offerFor(mode: WorklistMode): Offer {
  return mode === "triage" ? TRIAGE : BLIND;
}

/** What a table shows. */
export interface ShownColumns {
  readonly columns: readonly Column[];
  /** Of the grid that each line is; worklist.css gives a column its own width. */
  readonly template: string;
  readonly isChosen: boolean;
}

/**
 * The columns a reader chose, or the list's own. What this page does not know is left out:
 * the choice may have been made on a newer one.
 */
export function shownColumns(
  mode: WorklistMode,
  chosen: readonly ColumnChoice[],
): ShownColumns {
  const { own, more } = offerFor(mode);
  const wanted = chosen.flatMap(({ name, width_px }) => {
    const column = [...own, ...more].find((each) => each.name === name);
    return column === undefined ? [] : [{ column, widthPx: width_px ?? null }];
  });
  const isChosen = wanted.length > 0;
  const shown = isChosen ? wanted : own.map((column) => ({ column, widthPx: null }));
  return {
    columns: shown.map(({ column }) => column),
    template: [
      "var(--w-check)",
      ...shown.map(({ column, widthPx }) =>
        widthPx === null ? `var(--w-${column.name})` : `${widthPx}px`,
      ),
    ].join(" "),
    isChosen,
  };
}
