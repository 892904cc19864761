/** The worklist's filters, as they stand in the address and as the server takes them. */
import { t } from "@lingui/core/macro";
import type { CaseState, WorklistMode } from "@/api/types";

export const DEFAULT_FILTERS = {
  /** The part of the filter that may stand in an address. */
  f: "",
  /** The part that may hold a patient's name: kept out of every address. */
  q: "",
  modality: "",
  state: "open",
  mine: "",
  sort: "",
};
export type Filters = typeof DEFAULT_FILTERS;
export const HIDDEN_FILTERS = ["q"] as const;

/** The filter as the reader writes it. */
export function filterText({ f, q }: Pick<Filters, "f" | "q">): string {
  return `${f} ${q}`.trim();
}

export const MODALITIES = ["CR", "DX", "MG", "CT", "MR", "XA", "RF", "IO", "PX", "OT"] as const;

export const STATES: readonly { value: CaseState | "open" | "all"; label: string }[] = [
  { value: "open", label: t`Open` },
  { value: "analysing", label: t`Analysing` },
  { value: "ready", label: t`Ready` },
  { value: "in_read", label: t`In read` },
  { value: "sealed", label: t`Sealed` },
  { value: "second_read", label: t`Second read` },
  { value: "adjudication", label: t`Adjudication` },
  { value: "done", label: t`Done` },
  { value: "all", label: t`All` },
];

export type SortField = "received" | "patient" | "modality" | "suspicion";
export type Direction = "ascending" | "descending";

/** What the server can sort by, first click first. */
const SORTS: Record<SortField, readonly string[]> = {
  received: ["-received", "received"],
  patient: ["patient"],
  modality: ["modality"],
  suspicion: ["-suspicion", "suspicion"],
};

/** The order in force: what the address asks for, or the worklist's own. */
export function effectiveSort(sort: string, mode: WorklistMode): string {
  if (sort !== "" && !(mode === "blind_first" && sort.endsWith("suspicion"))) return sort;
  return mode === "triage" ? "-suspicion" : "shuffled";
}

/** The next order after a click on a header; "" is the worklist's own. */
export function nextSort(current: string, field: SortField, mode: WorklistMode): string {
  const options = SORTS[field];
  const at = options.indexOf(effectiveSort(current, mode));
  const next = options[at + 1] ?? (at === -1 ? options[0] : undefined);
  return next === undefined || next === effectiveSort("", mode) ? "" : next;
}

/** The direction in which `field` sorts the list now, or null. */
export function directionOf(
  sort: string,
  field: SortField,
  mode: WorklistMode,
): Direction | null {
  const current = effectiveSort(sort, mode);
  if (current === field) return "ascending";
  return current === `-${field}` ? "descending" : null;
}

/** What the server is asked for, without filter, cursor and limit. */
export function toQuery(filters: Filters, mode: WorklistMode): Record<string, string> {
  const { modality, state, mine, sort } = filters;
  return { modality, state, mine, sort: effectiveSort(sort, mode) };
}

export function isFiltered(filters: Filters): boolean {
  return (["f", "q", "modality", "state", "mine"] as const).some(
    (name) => filters[name] !== DEFAULT_FILTERS[name],
  );
}
