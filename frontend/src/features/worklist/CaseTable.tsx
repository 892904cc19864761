import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useRef } from "react";
import type { MouseEvent } from "react";

import { useMe } from "@/api/session";
import type { CaseRow, WorklistMode } from "@/api/types";
import { useNow } from "@/ui/useNow";

import { type Column, columnsFor } from "./columns";
import { directionOf, type SortField } from "./filters";
import type { HeldRows } from "./rowOrder";

const ROW_HEIGHT_PX = 36;
/** Fetch the next page when fewer rows than this are left below. */
const LOAD_AHEAD_ROWS = 40;

interface CaseTableProps {
  mode: WorklistMode;
  label: string;
  held: HeldRows;
  total: number;
  sort: string;
  selectedId: string | null;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onSort: (field: SortField) => void;
  onNearEnd: () => void;
}

export function CaseTable(props: CaseTableProps) {
  const { mode, label, held, total, selectedId, onNearEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const me = useMe();
  const nowMs = useNow();
  const columns = columnsFor(mode);
  // The virtualizer is read in this component only, so skipping memoisation is harmless.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: held.order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => held.order[index] ?? index,
    overscan: 14,
  });
  const shown = virtual.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= held.order.length - LOAD_AHEAD_ROWS) onNearEnd();
  }, [lastShown, held.order.length, onNearEnd]);

  const selectedIndex = selectedId === null ? -1 : held.order.indexOf(selectedId);
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: "auto" });
  }, [selectedIndex, virtual]);

  return (
    <div
      className={`case-table case-table-${mode}`}
      role="grid"
      aria-label={label}
      aria-rowcount={Math.max(total, held.order.length) + 1}
    >
      <div role="row" aria-rowindex={1} className="case-head">
        {columns.map((column) => (
          <HeadCell key={column.name} column={column} {...props} />
        ))}
      </div>
      <div ref={scroller} className="case-scroller" role="rowgroup">
        <div style={{ height: virtual.getTotalSize() }} role="presentation">
          {shown.map(({ index, start }) => {
            const id = held.order[index];
            const row = id === undefined ? undefined : held.rows.get(id);
            if (row === undefined) return null;
            return (
              <CaseTableRow
                key={row.id}
                row={row}
                index={index}
                topPx={start}
                columns={columns}
                meId={me.id}
                nowMs={nowMs}
                isGone={held.gone.has(row.id)}
                isSelected={row.id === selectedId}
                isTabStop={selectedIndex === -1 ? index === 0 : index === selectedIndex}
                onSelect={props.onSelect}
                onOpen={props.onOpen}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

type HeadCellProps = Pick<CaseTableProps, "mode" | "sort" | "onSort"> & { column: Column };

function HeadCell({ column, mode, sort, onSort }: HeadCellProps) {
  const field = column.sort;
  if (field === undefined) {
    return (
      <div role="columnheader" className={`cell cell-${column.name}`}>
        {column.label}
      </div>
    );
  }
  const direction = directionOf(sort, field, mode);
  const Icon = direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <div
      role="columnheader"
      aria-sort={direction ?? "none"}
      className={`cell cell-${column.name}`}
    >
      <button type="button" className="sort-button" onClick={() => onSort(field)}>
        {column.label}
        <Icon size={12} aria-hidden data-on={direction !== null} />
      </button>
    </div>
  );
}

interface CaseTableRowProps {
  row: CaseRow;
  index: number;
  topPx: number;
  columns: readonly Column[];
  meId: string;
  nowMs: number;
  isGone: boolean;
  isSelected: boolean;
  isTabStop: boolean;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
}

function CaseTableRow(props: CaseTableRowProps) {
  const { row, index, topPx, columns, isGone, isSelected, isTabStop, onSelect, onOpen } = props;
  const { meId, nowMs } = props;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isSelected) element.current?.focus({ preventScroll: true });
  }, [isSelected]);

  const open = (event: MouseEvent) => {
    // A modified click on the name is the browser's: a new tab.
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(row.id);
  };
  return (
    // Enter opens the focused row: a shortcut of the page, printed on the `?` sheet.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      ref={element}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      tabIndex={isTabStop ? 0 : -1}
      className="case-row"
      data-gone={isGone}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={open}
      onFocus={() => onSelect(row.id)}
    >
      {columns.map((column) => (
        <div key={column.name} role="gridcell" className={`cell cell-${column.name}`}>
          {column.cell({ row, isGone, meId, nowMs })}
        </div>
      ))}
    </div>
  );
}
