/** Keeps rows where the reader saw them: news changes a row in place and never moves one. */
import type { CaseRow } from "@/api/types";

export interface HeldRows {
  /** Which list and filters this order belongs to. */
  view: string;
  pageCount: number;
  order: readonly string[];
  rows: ReadonlyMap<string, CaseRow>;
  /** Still shown, but no longer in the server's list. */
  gone: ReadonlySet<string>;
  /** In the server's list, but waiting behind the "new" chip. */
  waiting: readonly string[];
}

function mapRows(pages: readonly (readonly CaseRow[])[]): Map<string, CaseRow> {
  return new Map(pages.flat().map((row) => [row.id, row]));
}

/** Everything the server has, in its order: a first load, or a click on the "new" chip. */
export function adoptRows(view: string, pages: readonly (readonly CaseRow[])[]): HeldRows {
  const rows = mapRows(pages);
  return {
    view,
    pageCount: pages.length,
    order: [...rows.keys()],
    rows,
    gone: new Set(),
    waiting: [],
  };
}

/**
 * The held rows after a fetch. An unknown row on a page already shown arrived meanwhile and
 * waits; one on a page fetched just now is the continuation of the list and is appended.
 */
export function mergeRows(
  held: HeldRows,
  view: string,
  pages: readonly (readonly CaseRow[])[],
): HeldRows {
  if (held.view !== view || held.order.length === 0) return adoptRows(view, pages);
  const fresh = mapRows(pages);
  const known = new Set(held.order);
  const waiting: string[] = [];
  const order = [...held.order];
  for (const [index, page] of pages.entries()) {
    for (const { id } of page) {
      if (known.has(id)) continue;
      known.add(id);
      if (index < held.pageCount) waiting.push(id);
      else order.push(id);
    }
  }
  return {
    view,
    pageCount: pages.length,
    order,
    rows: new Map([...held.rows, ...fresh]),
    gone: new Set(order.filter((id) => !fresh.has(id))),
    waiting,
  };
}
