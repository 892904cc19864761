import { RefreshCw } from "lucide-react";
import { useCallback } from "react";

import { SearchField } from "@/ui/SearchField";

import { type Filters, MODALITIES, STATES } from "./filters";

interface FilterBarProps {
  filters: Filters;
  onChange: (changes: Partial<Filters>) => void;
  newCount: number;
  onShowNew: () => void;
}

export const SEARCH_ID = "worklist-search";

export function FilterBar({ filters, onChange, newCount, onShowNew }: FilterBarProps) {
  const setQ = useCallback((q: string) => onChange({ q }), [onChange]);
  return (
    <div className="filter-bar" role="search" aria-label="Filter the worklist">
      <SearchField
        id={SEARCH_ID}
        label="Patient, study or accession"
        placeholder="Patient, study or accession"
        value={filters.q}
        onChange={setQ}
      />
      <label>
        <span className="visually-hidden">Modality</span>
        <select
          className="input"
          value={filters.modality}
          onChange={(event) => onChange({ modality: event.target.value })}
        >
          <option value="">All modalities</option>
          {MODALITIES.map((modality) => (
            <option key={modality}>{modality}</option>
          ))}
        </select>
      </label>
      <label>
        <span className="visually-hidden">State</span>
        <select
          className="input"
          value={filters.state}
          onChange={(event) => onChange({ state: event.target.value })}
        >
          {STATES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <span role="status" className="new-rows">
        {newCount > 0 ? (
          <button type="button" className="chip chip-new" onClick={onShowNew}>
            <RefreshCw size={12} aria-hidden />
            {newCount} new
          </button>
        ) : null}
      </span>
    </div>
  );
}
