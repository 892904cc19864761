import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { auditKindsQuery } from "@/api/queries";
import { Button } from "@/ui/Button";
import { SearchField } from "@/ui/SearchField";

import { DEFAULT_FILTERS, type Filters, isFiltered } from "./filters";

interface FilterPanelProps {
  filters: Filters;
  onChange: (changes: Partial<Filters>) => void;
}

export function FilterPanel({ filters, onChange }: FilterPanelProps) {
  const kinds = useQuery(auditKindsQuery);
  const setQ = useCallback((q: string) => onChange({ q }), [onChange]);
  const setActor = useCallback((actor: string) => onChange({ actor }), [onChange]);
  const setCase = useCallback((text: string) => onChange({ case: text }), [onChange]);
  return (
    <div className="audit-filters" role="search" aria-label="Filter the log">
      <SearchField label="Text" placeholder="Text" value={filters.q} onChange={setQ} />
      <label>
        <span className="visually-hidden">Kind</span>
        <select
          className="input"
          value={filters.kind}
          onChange={(event) => onChange({ kind: event.target.value })}
        >
          <option value="">All kinds</option>
          {(kinds.data ?? []).map(({ kind, label }) => (
            <option key={kind} value={kind} label={label} />
          ))}
        </select>
      </label>
      <SearchField label="Who" placeholder="Who" value={filters.actor} onChange={setActor} />
      <SearchField
        label="Case id"
        placeholder="Case id"
        value={filters.case}
        onChange={setCase}
      />
      <label className="audit-moment">
        <span>From</span>
        <input
          type="datetime-local"
          className="input"
          value={filters.since}
          onChange={(event) => onChange({ since: event.target.value })}
        />
      </label>
      <label className="audit-moment">
        <span>until</span>
        <input
          type="datetime-local"
          className="input"
          value={filters.until}
          onChange={(event) => onChange({ until: event.target.value })}
        />
      </label>
      {isFiltered(filters) ? (
        <Button
          variant="ghost"
          onClick={() => onChange({ ...DEFAULT_FILTERS, entry: filters.entry })}
        >
          Clear
        </Button>
      ) : null}
    </div>
  );
}
