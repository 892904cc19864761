import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "@/api/client";
import { keys, viewsQuery } from "@/api/queries";
import type { SavedView } from "@/api/types";

import type { Choice } from "./columnChoice";
import { DEFAULT_FILTERS, type Filters } from "./filters";

/** What a view sets; a list has no words of a view that may name a patient. */
export function filtersOf({ state, modality, mine, filter, sort }: SavedView): Filters {
  return { ...DEFAULT_FILTERS, state, modality, mine, f: filter, sort };
}

/** The view that is on screen, if one is. */
export function currentView(
  views: readonly SavedView[],
  filters: Filters,
): SavedView | undefined {
  const shown = JSON.stringify({ ...DEFAULT_FILTERS, ...filters });
  return views.find((view) => JSON.stringify(filtersOf(view)) === shown);
}

export interface NewView {
  name: string;
  isShared: boolean;
  /** The columns on screen are kept as well. */
  hasColumns: boolean;
}

/** The views of a worklist, and how to keep and throw away one. */
export function useViews(slug: string, filters: Filters, choice: Choice) {
  const client = useQueryClient();
  const views = useQuery(viewsQuery(slug)).data ?? [];
  const path = `/worklists/${slug}/views`;
  const onSuccess = () => client.invalidateQueries({ queryKey: keys.views(slug) });
  const save = useMutation({
    mutationFn: ({ name, isShared, hasColumns }: NewView) => {
      const { f: filter, state, modality, mine, sort } = filters;
      const columns = hasColumns ? choice : [];
      const body = { name, is_shared: isShared, filter, state, modality, mine, sort, columns };
      // A name that the reader has used before: the view is put in its place.
      const old = views.find((view) => view.is_mine && view.name === name);
      return old === undefined
        ? api<SavedView>(path, { method: "POST", body })
        : api<SavedView>(`${path}/${old.id}`, { method: "PUT", body });
    },
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: ({ id }: SavedView) => api<null>(`${path}/${id}`, { method: "DELETE" }),
    onSuccess,
  });
  return { views, current: currentView(views, filters), save, remove };
}
