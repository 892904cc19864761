import { t } from "@lingui/core/macro";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, Check } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import type { MouseEvent } from "react";

import { useMe } from "@/api/session";
import type { CaseRow, WorklistMode } from "@/api/types";
import { Skeleton } from "@/ui/states";
import { useNow } from "@/ui/useNow";

import type { CaseList, ListState } from "./caseList";
import type { Column, ShownColumns } from "./columns";
import { directionOf, type SortField } from "./filters";

const ROW_HEIGHT_PX = 36;
/** Fetch the next page when fewer rows than this are left below. */
const LOAD_AHEAD_ROWS = 120;
/** Skeleton rows below the last fetched one, so that scrolling goes on while more come. */
const COMING_ROWS = 40;

interface CaseTableProps {
  mode: WorklistMode;
  shown: ShownColumns;
  label: string;
  list: CaseList;
  state: ListState;
  sort: string;
  selectedId: string | null;
  checkedIds: ReadonlySet<string>;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onCheck: (id: string, isRange: boolean) => void;
  onSort: (field: SortField) => void;
}

export function CaseTable(props: CaseTableProps) {
  const { mode, label, list, state, selectedId, checkedIds } = props;
  const { columns, template, isChosen } = props.shown;
  const { order, rows, gone, hasMore } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const me = useMe();
  const nowMs = useNow();
  const rowCount = order.length + (hasMore ? COMING_ROWS : 0);
  // The virtualizer is read in this component only, so skipping memoisation is harmless.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    initialOffset: list.scrollTopPx,
    overscan: 14,
  });
  const shown = virtual.getVirtualItems();
  const firstShown = shown[0]?.index ?? 0;
  const lastShown = shown.at(-1)?.index ?? 0;
  const fetched = order.length;
  useEffect(() => {
    list.look(order.slice(firstShown, lastShown + 1));
    if (hasMore && lastShown >= fetched - LOAD_AHEAD_ROWS) void list.loadMore();
    // `order` is changed where it is; its length tells when.
  }, [list, order, fetched, hasMore, firstShown, lastShown]);

  // Another `order` is a list read anew: from where the reader stood, or from its top.
  useEffect(() => {
    scroller.current?.scrollTo?.({ top: list.scrollTopPx });
  }, [list, order]);

  const selectedIndex = selectedId === null ? -1 : order.indexOf(selectedId);
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: "auto" });
  }, [selectedIndex, virtual]);

  return (
    <div
      className={`case-table case-table-${mode}`}
      role="grid"
      aria-label={label}
      aria-multiselectable
      aria-rowcount={hasMore ? -1 : order.length + 1}
      data-chosen={isChosen}
    >
      <div
        ref={head}
        role="row"
        aria-rowindex={1}
        className="case-head"
        style={{ gridTemplateColumns: template }}
        // More columns than fit: head and rows move together, also to a header in focus.
        onScroll={({ currentTarget }) => {
          if (scroller.current !== null) scroller.current.scrollLeft = currentTarget.scrollLeft;
        }}
      >
        <div role="columnheader" className="cell cell-check">
          <span className="visually-hidden">{t`Chosen`}</span>
        </div>
        {columns.map((column) => (
          <HeadCell key={column.name} column={column} {...props} />
        ))}
      </div>
      <div
        ref={scroller}
        className="case-scroller"
        role="rowgroup"
        onScroll={(event) => {
          list.scrollTopPx = event.currentTarget.scrollTop;
          if (head.current !== null) head.current.scrollLeft = event.currentTarget.scrollLeft;
        }}
      >
        <div style={{ height: virtual.getTotalSize() }} role="presentation">
          {shown.map(({ index, start }) => {
            const id = order[index];
            const row = id === undefined ? undefined : rows.get(id);
            if (row === undefined) return <ComingRow key={index} topPx={start} />;
            return (
              <CaseTableRow
                key={row.id}
                row={row}
                index={index}
                topPx={start}
                columns={columns}
                template={template}
                meId={me.id}
                nowMs={nowMs}
                isGone={gone.has(row.id)}
                isSelected={row.id === selectedId}
                isChecked={checkedIds.has(row.id)}
                isTabStop={selectedIndex === -1 ? index === 0 : index === selectedIndex}
                onSelect={props.onSelect}
                onOpen={props.onOpen}
                onCheck={props.onCheck}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Where a row will be as soon as its page is here. */
function ComingRow({ topPx }: { topPx: number }) {
  return (
    <div
      role="presentation"
      className="case-row case-row-coming"
      style={{ transform: `translateY(${topPx}px)` }}
    >
      <Skeleton width="60%" />
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
  template: string;
  meId: string;
  nowMs: number;
  isGone: boolean;
  isSelected: boolean;
  isChecked: boolean;
  isTabStop: boolean;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  onCheck: (id: string, isRange: boolean) => void;
}

/** Drawn again only when something of it changed: scrolling draws the rows that appear. */
const CaseTableRow = memo(function CaseTableRow(props: CaseTableRowProps) {
  const { row, index, topPx, columns, template, isGone, isSelected, isChecked } = props;
  const { isTabStop, meId, nowMs, onSelect, onOpen, onCheck } = props;
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
      aria-selected={isChecked}
      aria-current={isSelected}
      tabIndex={isTabStop ? 0 : -1}
      className="case-row"
      data-gone={isGone}
      style={{ transform: `translateY(${topPx}px)`, gridTemplateColumns: template }}
      onClick={open}
      onFocus={() => onSelect(row.id)}
    >
      <div role="gridcell" className="cell cell-check">
        <button
          type="button"
          className="check-box"
          tabIndex={-1}
          aria-pressed={isChecked}
          aria-label={isChecked ? t`Chosen` : t`Choose`}
          onClick={(event) => {
            event.stopPropagation();
            onCheck(row.id, event.shiftKey);
          }}
        >
          {isChecked ? <Check size={13} strokeWidth={3} aria-hidden /> : null}
        </button>
      </div>
      {columns.map((column) => (
        <div key={column.name} role="gridcell" className={`cell cell-${column.name}`}>
          {column.cell({ row, isGone, meId, nowMs })}
        </div>
      ))}
    </div>
  );
});
