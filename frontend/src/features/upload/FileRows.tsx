import { t } from "@lingui/core/macro";
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

interface Looks {
  text: string;
  /** After a number, inside a line. */
  counted: string;
  icon: LucideIcon;
  tone: string;
}

export const STATUS: Record<RowStatus, Looks> = {
  waiting: { text: t`Waiting`, counted: t`waiting`, icon: CircleDashed, tone: "tone-grey" },
  sending: {
    text: t`Sending`,
    counted: t`sending`,
    icon: ArrowUpFromLine,
    tone: "tone-accent",
  },
  received: {
    text: t`Received`,
    counted: t`received`,
    icon: CircleDashed,
    tone: "tone-accent",
  },
  unpacking: {
    text: t`Unpacking`,
    counted: t`unpacking`,
    icon: PackageOpen,
    tone: "tone-accent",
  },
  stored: { text: t`Stored`, counted: t`stored`, icon: CircleCheck, tone: "tone-green" },
  duplicate: { text: t`Duplicate`, counted: t`duplicate`, icon: Copy, tone: "tone-grey" },
  quarantined: {
    text: t`Quarantined`,
    counted: t`quarantined`,
    icon: ShieldAlert,
    tone: "tone-amber",
  },
  cancelled: {
    text: t`Cancelled`,
    counted: t`cancelled`,
    icon: CircleSlash,
    tone: "tone-grey",
  },
  failed: { text: t`Not sent`, counted: t`not sent`, icon: CircleAlert, tone: "tone-red" },
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
      <span className="file-reason" title={row.reason ?? undefined}>
        {row.reason}
      </span>
      {row.caseId !== null && mayOpenCases ? (
        <Link to={`/cases/${row.caseId}`}>{t`Open case`}</Link>
      ) : (
        <span />
      )}
      <span className="numeric muted">{formatBytes(row.sizeBytes)}</span>
    </>
  );
}
