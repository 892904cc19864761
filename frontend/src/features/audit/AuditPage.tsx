import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useCallback, useMemo } from "react";

import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { EventPage } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatCount, shortHash } from "@/ui/format";
import { type Shortcut, useShortcuts } from "@/ui/shortcuts";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";
import { useUrlFilters } from "@/ui/useUrlFilters";

import { EntryPanel } from "./EntryPanel";
import { EventList } from "./EventList";
import { FilterPanel } from "./FilterPanel";
import {
  DEFAULT_FILTERS,
  type Filters,
  isFiltered,
  selectedPosition,
  toQuery,
} from "./filters";
import "./audit.css";

const PAGE_SIZE = 100;

function useEvents(filters: Filters) {
  const query = toQuery(filters);
  return useInfiniteQuery({
    queryKey: keys.auditEvents(query),
    queryFn: ({ pageParam, signal }) =>
      api<EventPage>("/audit/events", {
        query: { ...query, cursor: pageParam, limit: PAGE_SIZE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function AuditPage() {
  const [filters, setFilters] = useUrlFilters(DEFAULT_FILTERS);
  const log = useEvents(filters);
  const events = useMemo(() => log.data?.pages.flatMap((page) => page.items) ?? [], [log.data]);
  const selected = selectedPosition(filters);
  const head = log.data?.pages[0];
  const select = useCallback(
    (position: number | null) =>
      setFilters({ entry: position === null ? "" : String(position) }),
    [setFilters],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = log;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const shortcuts = useMemo<Shortcut[]>(() => {
    const move = (step: number) => {
      const at = events.findIndex(({ position }) => position === selected);
      const to = at === -1 ? 0 : Math.min(events.length - 1, Math.max(0, at + step));
      const event = events[to];
      if (event !== undefined) select(event.position);
    };
    return [
      { id: "audit.next", run: () => move(1) },
      { id: "audit.previous", run: () => move(-1) },
      {
        id: "audit.close",
        run: () => (selected === null ? false : select(null)),
      },
    ];
  }, [events, selected, select]);
  useShortcuts(t`Audit`, shortcuts);

  return (
    <div className="page">
      <title>{t`Audit · Truefilm`}</title>
      <div className="page-head audit-head">
        <h1>{t`Audit`}</h1>
        {head === undefined ? null : (
          <p className="muted">
            <Trans>
              <Plural
                value={head.tree_size}
                one="# entry in the log"
                other="# entries in the log"
              />
              , root <code title={head.root_hash}>{shortHash(head.root_hash)}</code>
            </Trans>
          </p>
        )}
        <span className="spacer" />
        <Button small disabled={log.isFetching} onClick={() => void log.refetch()}>
          <RefreshCw size={13} aria-hidden />
          {t`Refresh`}
        </Button>
      </div>
      <FilterPanel filters={filters} onChange={setFilters} />
      <div className="audit-split" data-open={selected !== null}>
        <section className="audit-list" aria-label={t`Entries, newest first`}>
          {log.isPending ? (
            <SkeletonRows label={t`Loading the log`} count={16} />
          ) : log.data === undefined ? (
            <ErrorState
              title={t`The log could not be loaded`}
              error={log.error}
              onRetry={() => void log.refetch()}
            />
          ) : events.length === 0 ? (
            <EmptyState title={isFiltered(filters) ? t`No entry matches` : t`The log is empty`}>
              {isFiltered(filters) ? (
                <Button
                  onClick={() => setFilters({ ...DEFAULT_FILTERS, entry: filters.entry })}
                >
                  {t`Clear the filters`}
                </Button>
              ) : (
                <p>{t`Every change of this site is written here as it happens.`}</p>
              )}
            </EmptyState>
          ) : (
            <EventList
              events={events}
              selected={selected}
              onSelect={select}
              onNearEnd={loadMore}
              foot={
                hasNextPage
                  ? t`Loading earlier entries`
                  : t`${formatCount(events.length)} shown; nothing earlier.`
              }
            />
          )}
        </section>
        {selected === null ? null : (
          <EntryPanel
            key={selected}
            position={selected}
            event={events.find(({ position }) => position === selected)}
            onClose={() => select(null)}
          />
        )}
      </div>
    </div>
  );
}
