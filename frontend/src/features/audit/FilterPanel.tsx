import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { auditKindsQuery } from "@/api/queries";
import { Button } from "@/ui/Button";
import { SearchField } from "@/ui/SearchField";

import { DEFAULT_FILTERS, type Filters, isFiltered } from "./filters";
import { kindName } from "./words";

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
    <div className="audit-filters" role="search" aria-label={t`Filter the log`}>
      <SearchField label={t`Text`} placeholder={t`Text`} value={filters.q} onChange={setQ} />
      <label>
        <span className="visually-hidden">{t`Kind`}</span>
        <select
          className="input"
          value={filters.kind}
          onChange={(event) => onChange({ kind: event.target.value })}
        >
          <option value="">{t`All kinds`}</option>
          {(kinds.data ?? []).map(({ kind, label }) => (
            <option key={kind} value={kind} label={kindName({ kind, label })} />
          ))}
        </select>
      </label>
      <SearchField
        label={t`Who`}
        placeholder={t`Who`}
        value={filters.actor}
        onChange={setActor}
      />
      <SearchField
        label={t`Case id`}
        placeholder={t`Case id`}
        value={filters.case}
        onChange={setCase}
      />
      <label className="audit-moment">
        <span>{t`From`}</span>
        <input
          type="datetime-local"
          className="input"
          value={filters.since}
          onChange={(event) => onChange({ since: event.target.value })}
        />
      </label>
      <label className="audit-moment">
        <span>{t`until`}</span>
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
          {t`Clear`}
        </Button>
      ) : null}
    </div>
  );
}
