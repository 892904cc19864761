import { useEffect, useMemo, useSyncExternalStore } from "react";

import { followCases } from "@/api/caseNews";
import { api } from "@/api/client";
import { fetchCases } from "@/api/queries";
import type { CaseRows, WorklistMode } from "@/api/types";

import { CaseList } from "./caseList";
import { type Filters, filterText, toQuery } from "./filters";

const PAGE_SIZE = 200;
/** The last list, so that coming back from a case finds it where it was. */
let kept: { view: string; list: CaseList; stop: () => void } | null = null;

/** Forget the kept list: another person has signed in, or a test begins. */
export function forgetCases(): void {
  kept?.stop();
  kept = null;
}

function openList(slug: string, query: Record<string, string>, filter: string): CaseList {
  const view = JSON.stringify([slug, query, filter]);
  if (kept?.view === view) return kept.list;
  forgetCases();
  const list = new CaseList({
    page: (cursor) => fetchCases(slug, { ...query, filter, cursor, limit: PAGE_SIZE }),
    rows: (ids) =>
      api<CaseRows>(`/worklists/${slug}/cases/rows`, {
        method: "POST",
        body: { ...query, filter, ids },
      }),
  });
  const stop = followCases({
    onChange: ({ worklist, id, changes }) => {
      if (worklist !== slug) return;
      if (changes === null) list.noteChange(id);
      else list.patch(id, changes);
    },
    onGap: () => list.refresh(),
  });
  kept = { view, list, stop };
  return list;
}

/** The rows of a worklist in an order that only the reader changes. */
export function useCases(slug: string, mode: WorklistMode, filters: Filters): CaseList {
  const asked = JSON.stringify([slug, toQuery(filters, mode), filterText(filters)]);
  const list = useMemo(() => {
    const [where, query, filter] = JSON.parse(asked) as [
      string,
      Record<string, string>,
      string,
    ];
    return openList(where, query, filter);
  }, [asked]);
  useEffect(() => list.activate(), [list]);
  return list;
}

export function useListState(list: CaseList) {
  return useSyncExternalStore(list.subscribe, list.state);
}
