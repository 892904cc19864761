/** Filters that live in the address, so that every view can be linked and reloaded. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

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

type SetFilters<Filters> = (changes: Partial<Filters>, options?: { push?: boolean }) => void;

/** Reads and writes filters; typing replaces the history entry, `push` adds one. */
export function useUrlFilters<Filters extends Record<string, string>>(
  defaults: Filters,
): [Filters, SetFilters<Filters>] {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => readFilters(params, defaults), [params, defaults]);
  const set = useCallback<SetFilters<Filters>>(
    (changes, options = {}) => {
      setParams((current) => writeFilters(current, defaults, changes), {
        replace: options.push !== true,
      });
    },
    [setParams, defaults],
  );
  return [filters, set];
}
