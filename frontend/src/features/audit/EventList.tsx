import { t } from "@lingui/core/macro";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { Link } from "react-router";

import { may, useMe } from "@/api/session";
import type { EventOut } from "@/api/types";
import { formatCount, formatDaySeconds } from "@/ui/format";

import { kindName, sentenceOf, shortId } from "./words";

const ROW_HEIGHT_PX = 36;
const LOAD_AHEAD_ROWS = 20;

interface EventListProps {
  events: readonly EventOut[];
  selected: number | null;
  onSelect: (position: number) => void;
  onNearEnd: () => void;
  /** Said below the last row. */
  foot: string;
}

/** The log, newest first; only the rows on screen exist. */
export function EventList({ events, selected, onSelect, onNearEnd, foot }: EventListProps) {
  const mayOpenCases = may(useMe(), "read_cases");
  const scroller = useRef<HTMLDivElement>(null);
  // The virtualizer is read in this component only, so skipping memoisation is harmless.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => events[index]?.position ?? index,
    overscan: 14,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= events.length - LOAD_AHEAD_ROWS) onNearEnd();
  }, [last, events.length, onNearEnd]);
  const selectedIndex = events.findIndex(({ position }) => position === selected);
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: "auto" });
  }, [selectedIndex, virtual]);

  return (
    <div ref={scroller} className="event-scroller">
      <ol style={{ height: virtual.getTotalSize() }}>
        {rows.map(({ index, start }) => {
          const event = events[index];
          if (event === undefined) return null;
          return (
            <li
              key={event.position}
              className="event-item"
              style={{ transform: `translateY(${start}px)` }}
            >
              <button
                type="button"
                className="event-row"
                aria-pressed={event.position === selected}
                onClick={() => onSelect(event.position)}
              >
                <span className="numeric event-position">{formatCount(event.position)}</span>
                <time dateTime={event.occurred_at}>{formatDaySeconds(event.occurred_at)}</time>
                <span className="event-label truncate">{kindName(event)}</span>
                <span className="truncate event-text">{sentenceOf(event)}</span>
                <code className="truncate event-facts" title={event.text || undefined}>
                  {event.text}
                </code>
              </button>
              {event.case_id !== null && mayOpenCases ? (
                <Link to={`/cases/${event.case_id}`} className="event-case">
                  <span>
                    {t`Open case`}
                    <span className="visually-hidden"> {shortId(event.case_id)}</span>
                  </span>
                </Link>
              ) : (
                <span className="event-case" />
              )}
            </li>
          );
        })}
      </ol>
      <p className="event-foot">{foot}</p>
    </div>
  );
}
