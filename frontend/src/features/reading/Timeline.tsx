/** Who did what when with the case, beside the film: as much as this reader may know. */
import { t } from "@lingui/core/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useEffect, useRef } from "react";

import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { CaseDetail, Page, TimelineEntry } from "@/api/types";
import { Button, IconButton } from "@/ui/Button";
import { formatDaySeconds, formatMoment } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";

import { timelineSentence } from "./timelineWords";

const PAGE_SIZE = 50;

interface TimelineProps {
  readonly detail: CaseDetail;
  readonly onClose: () => void;
}

/** No dialog: the film and its keys stay in use while it is open. */
export function Timeline({ detail, onClose }: TimelineProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    title.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const told = useInfiniteQuery({
    queryKey: keys.timeline(detail.id),
    queryFn: ({ pageParam, signal }) =>
      api<Page<TimelineEntry>>(`/cases/${detail.id}/timeline`, {
        query: { cursor: pageParam, limit: PAGE_SIZE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
  });
  const entries = told.data?.pages.flatMap(({ items }) => items) ?? [];
  const isWhole = detail.state === "done" && detail.verdict !== null;
  return (
    // Escape closes it wherever the focus is in it; the film's own Escape stays the film's.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className="case-timeline"
      aria-labelledby="case-timeline-title"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header>
        <h2 id="case-timeline-title" ref={title} tabIndex={-1}>
          {t`Timeline`}
        </h2>
        <IconButton label={t`Close the timeline`} keyId="case.timeline" small onClick={onClose}>
          <X size={14} aria-hidden />
        </IconButton>
      </header>
      {told.isPending ? (
        <SkeletonRows label={t`Loading the timeline`} count={5} />
      ) : told.data === undefined ? (
        <ErrorState
          title={t`The timeline could not be loaded`}
          error={told.error}
          onRetry={() => void told.refetch()}
        />
      ) : (
        <div className="timeline-entries" role="region" aria-label={t`Entries`} tabIndex={0}>
          {isWhole ? null : (
            <p className="muted">
              {t`What other readers answer, and what follows from it, is told once the case is done.`}
            </p>
          )}
          {entries.length === 0 ? <p>{t`Nothing has happened yet.`}</p> : null}
          <ol>
            {entries.map((entry) => (
              <li key={entry.id}>
                <time dateTime={entry.occurred_at} title={formatMoment(entry.occurred_at)}>
                  {formatDaySeconds(entry.occurred_at)}
                </time>
                <span>{timelineSentence(entry)}</span>
              </li>
            ))}
          </ol>
          {told.hasNextPage ? (
            <Button
              small
              disabled={told.isFetchingNextPage}
              onClick={() => void told.fetchNextPage()}
            >
              {t`Show earlier ones`}
            </Button>
          ) : null}
        </div>
      )}
    </section>
  );
}
