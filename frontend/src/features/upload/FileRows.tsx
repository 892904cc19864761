import { useVirtualizer } from "@tanstack/react-virtual";
import {
  ArrowUpFromLine,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  Copy,
  PackageOpen,
  ShieldAlert,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useRef } from "react";
import { Link } from "react-router";

import { formatBytes } from "@/ui/format";

import type { FileRow, RowStatus } from "./rows";

export const STATUS: Record<RowStatus, { text: string; icon: LucideIcon; tone: string }> = {
  waiting: { text: "Waiting", icon: CircleDashed, tone: "tone-grey" },
  sending: { text: "Sending", icon: ArrowUpFromLine, tone: "tone-accent" },
  received: { text: "Received", icon: CircleDashed, tone: "tone-accent" },
  unpacking: { text: "Unpacking", icon: PackageOpen, tone: "tone-accent" },
  stored: { text: "Stored", icon: CircleCheck, tone: "tone-green" },
  duplicate: { text: "Duplicate", icon: Copy, tone: "tone-grey" },
  quarantined: { text: "Quarantined", icon: ShieldAlert, tone: "tone-amber" },
  cancelled: { text: "Cancelled", icon: CircleSlash, tone: "tone-grey" },
  failed: { text: "Not sent", icon: CircleAlert, tone: "tone-red" },
};

const ROW_HEIGHT_PX = 32;
const MOST_SHOWN_ROWS = 12;

interface FileRowsProps {
  label: string;
  rows: readonly FileRow[];
  mayOpenCases: boolean;
}

/** The files of an upload; thousands of them cost no more than the dozen on screen. */
export function FileRows({ label, rows, mayOpenCases }: FileRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  // The virtualizer is read in this component only, so skipping memoisation is harmless.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
  });
  const height = Math.min(rows.length, MOST_SHOWN_ROWS) * ROW_HEIGHT_PX;
  return (
    <div
      ref={scroller}
      className="file-scroller"
      style={{ height }}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <li
              key={row.key}
              className="file-row"
              data-nested={row.isNested}
              style={{ transform: `translateY(${start}px)` }}
            >
              <FileRowCells row={row} mayOpenCases={mayOpenCases} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function FileRowCells({ row, mayOpenCases }: { row: FileRow; mayOpenCases: boolean }) {
  const { text, icon: Icon, tone } = STATUS[row.status];
  const words =
    row.status === "sending" ? `${text} ${Math.floor(row.sentRatio * 100)} %` : text;
  return (
    <>
      <span className="badge file-status">
        <Icon size={14} aria-hidden className={tone} />
        {words}
      </span>
      <span className="truncate file-path" title={row.path}>
        {row.path}
      </span>
      <span className="truncate muted" title={row.reason ?? undefined}>
        {row.reason}
      </span>
      {row.caseId !== null && mayOpenCases ? (
        <Link to={`/cases/${row.caseId}`}>Open case</Link>
      ) : (
        <span />
      )}
      <span className="numeric muted">{formatBytes(row.sizeBytes)}</span>
    </>
  );
}
