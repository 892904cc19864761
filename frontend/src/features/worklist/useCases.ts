import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { fetchCases, keys } from "@/api/queries";
import type { CaseRow, CountedPage, WorklistMode } from "@/api/types";

import { type Filters, toQuery } from "./filters";
import { adoptRows, type HeldRows, mergeRows } from "./rowOrder";

const PAGE_SIZE = 200;
const NO_PAGES: CountedPage<CaseRow>[] = [];

/** The rows of a worklist in an order that only the reader changes. */
export function useCases(slug: string, mode: WorklistMode, filters: Filters) {
  const query = toQuery(filters, mode);
  const q = filters.q.trim();
  const cases = useInfiniteQuery({
    queryKey: keys.cases(slug, { ...query, q }),
    queryFn: ({ pageParam, signal }) =>
      fetchCases(slug, { ...query, q, cursor: pageParam, limit: PAGE_SIZE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

  const pages = cases.data?.pages ?? NO_PAGES;
  const view = JSON.stringify([slug, query, q]);
  const [seen, setSeen] = useState(pages);
  const [held, setHeld] = useState<HeldRows>(() => adoptRows(view, toRows(pages)));
  if (seen !== pages || held.view !== view) {
    setSeen(pages);
    setHeld(mergeRows(held, view, toRows(pages)));
  }

  return {
    held,
    total: pages[0]?.total ?? 0,
    isPending: cases.isPending,
    /** A failure with nothing to show; a failed refresh leaves the rows and says so. */
    error: cases.isError && pages.length === 0 ? cases.error : null,
    isStale: cases.isRefetchError,
    retry: () => void cases.refetch(),
    showNew: () => setHeld(adoptRows(view, toRows(pages))),
    loadMore: () => {
      if (cases.hasNextPage && !cases.isFetchingNextPage) void cases.fetchNextPage();
    },
  };
}

function toRows(pages: readonly CountedPage<CaseRow>[]): CaseRow[][] {
  return pages.map((page) => page.items);
}
