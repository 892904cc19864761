/** Filters that live in the address, so that every view can be linked and reloaded. */
import { useCallback, useMemo } from "react";
import { useLocation, useSearchParams } from "react-router";

const NO_NAMES: readonly string[] = [];

/** The filters of `defaults` as the address gives them; unknown names are ignored. */
export function readFilters<Filters extends Record<string, string>>(
  params: URLSearchParams,
  defaults: Filters,
): Filters {
  const filters: Record<string, string> = { ...defaults };
  for (const name of Object.keys(defaults)) {
    const value = params.get(name);
    if (value !== null) filters[name] = value;
  }
  return filters as Filters;
}

/** `params` with `changes` applied; a filter at its default leaves the address. */
export function writeFilters<Filters extends Record<string, string>>(
  params: URLSearchParams,
  defaults: Filters,
  changes: Partial<Filters>,
): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === defaults[name]) next.delete(name);
    else next.set(name, value as string);
  }
  return next;
}

/** What a history entry holds of the filters that must stay out of its address. */
function readKept(state: unknown): Record<string, string> {
  const kept = (state as { filters?: unknown } | null)?.filters;
  if (typeof kept !== "object" || kept === null) return {};
  return Object.fromEntries(
    Object.entries(kept).filter((entry): entry is [string, string] => {
      return typeof entry[1] === "string";
    }),
  );
}

type SetFilters<Filters> = (changes: Partial<Filters>, options?: { push?: boolean }) => void;

/**
 * Reads and writes filters; typing replaces the history entry, `push` adds one.
 *
 * `hidden`: filters that may hold a patient's name. They stay with the history entry, so
 * that going back finds them, and never stand in an address, a link or a server's log.
 */
export function useUrlFilters<Filters extends Record<string, string>>(
  defaults: Filters,
  hidden: readonly (keyof Filters & string)[] = NO_NAMES,
): [Filters, SetFilters<Filters>] {
  const [params, setParams] = useSearchParams();
  const state: unknown = useLocation().state;
  const filters = useMemo(() => {
    const read: Record<string, string> = readFilters(params, defaults);
    const kept = readKept(state);
    for (const name of hidden) read[name] = kept[name] ?? defaults[name] ?? "";
    return read as Filters;
  }, [params, defaults, hidden, state]);
  const set = useCallback<SetFilters<Filters>>(
    (changes, options = {}) => {
      const open: Record<string, string> = {};
      const kept = readKept(state);
      for (const [name, value] of Object.entries(changes)) {
        if (hidden.includes(name)) kept[name] = value as string;
        else open[name] = value as string;
      }
      setParams((current) => writeFilters(current, defaults, open as Partial<Filters>), {
        replace: options.push !== true,
        state: { filters: kept },
      });
    },
    [setParams, defaults, hidden, state],
  );
  return [filters, set];
}
