/** The audit page's filters, as they stand in the address and as the server takes them. */

export const DEFAULT_FILTERS = {
  kind: "",
  actor: "",
  q: "",
  case: "",
  /** Local time as <input type="datetime-local"> gives it: "2026-11-22T18:00". */
  since: "",
  until: "",
  entry: "",
};
export type Filters = typeof DEFAULT_FILTERS;

/** RFC 3339 UTC of a local moment, or "" if there is none. */
export function toUtc(local: string): string {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** The query of `GET /audit/events`, without the cursor. */
export function toQuery(filters: Filters): Record<string, string> {
  const { kind, actor, q, since, until } = filters;
  return {
    kind,
    actor: actor.trim(),
    q: q.trim(),
    case: filters.case.trim(),
    since: toUtc(since),
    until: toUtc(until),
  };
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(toQuery(filters)).some((value) => value !== "");
}

/** The position of the entry in the address, or null. */
export function selectedPosition(filters: Filters): number | null {
  return /^\d+$/.test(filters.entry) ? Number(filters.entry) : null;
}
