/** A table with a row for each department, and what stands in its place. */
import { t } from "@lingui/core/macro";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Interval } from "@/api/types";
import { formatPercent } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";

interface Department {
  readonly slug: string;
  readonly name: string;
}

export interface Column<Row> {
  readonly name: string;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

interface DepartmentPanelProps<Row> {
  readonly title: string;
  readonly rooms: UseQueryResult<Row[]>;
  /** Of the error: what could not be done. */
  readonly failed: string;
  /** In place of a table without rows. */
  readonly none: string;
  readonly columns: readonly Column<Row>[];
  /** Below the table: what its words mean. */
  readonly note: string;
}

export function DepartmentPanel<Row extends Department>(props: DepartmentPanelProps<Row>) {
  const { title, rooms, failed, none, columns, note } = props;
  return (
    <section className="panel insights-rooms" aria-label={title}>
      <h2 className="insights-title">{title}</h2>
      {rooms.isPending ? (
        <SkeletonRows label={t`Loading the figures`} count={2} />
      ) : rooms.data === undefined ? (
        <ErrorState title={failed} error={rooms.error} onRetry={() => void rooms.refetch()} />
      ) : rooms.data.length === 0 ? (
        <p className="insights-none">{none}</p>
      ) : (
        <>
          <DepartmentTable rows={rooms.data} columns={columns} />
          <p className="insights-none">{note}</p>
        </>
      )}
    </section>
  );
}

interface TableProps<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
}

function DepartmentTable<Row extends Department>({ rows, columns }: TableProps<Row>) {
  const classOf = ({ isNumber }: Column<Row>) => (isNumber === true ? "numeric" : undefined);
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">{t`Worklist`}</th>
          {columns.map((column) => (
            <th key={column.name} scope="col" className={classOf(column)}>
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.slug}>
            <th scope="row">{row.name}</th>
            {columns.map((column) => (
              <td key={column.name} className={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A share with its interval below it. */
export function Figure({ share }: { share: Interval }) {
  const { value, low, high, n } = share;
  if (value === null || low === null || high === null) {
    return <span className="muted">{t`none yet`}</span>;
  }
  return (
    <span className="room-figure" title={t`${Math.round(value * n)} of ${n}`}>
      {formatPercent(value)}{" "}
      <span className="muted">{t`${formatPercent(low)} to ${formatPercent(high)}`}</span>
    </span>
  );
}
