import { t } from "@lingui/core/macro";
import { RefreshCw } from "lucide-react";

import type { WorklistMode } from "@/api/types";

import { FilterField } from "./FilterField";
import { type Filters, MODALITIES, STATES } from "./filters";
import type { Columns } from "./useColumns";
import { ViewMenu } from "./ViewMenu";

interface FilterBarProps {
  slug: string;
  mode: WorklistMode;
  filters: Filters;
  onChange: (changes: Partial<Filters>) => void;
  columns: Columns;
  newCount: number;
  onShowNew: () => void;
}

export function FilterBar({
  slug,
  mode,
  filters,
  onChange,
  columns,
  newCount,
  onShowNew,
}: FilterBarProps) {
  return (
    <div className="filter-bar" role="search" aria-label={t`Filter the worklist`}>
      <FilterField mode={mode} filters={filters} onChange={onChange} />
      <label>
        <span className="visually-hidden">{t`Modality`}</span>
        <select
          className="input"
          value={filters.modality}
          onChange={(event) => onChange({ modality: event.target.value })}
        >
          <option value="">{t`All modalities`}</option>
          {MODALITIES.map((modality) => (
            <option key={modality}>{modality}</option>
          ))}
        </select>
      </label>
      <label>
        <span className="visually-hidden">{t`State`}</span>
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
      <ViewMenu slug={slug} filters={filters} columns={columns} onShow={onChange} />
      <span role="status" className="new-rows">
        {newCount > 0 ? (
          <button type="button" className="chip chip-new" onClick={onShowNew}>
            <RefreshCw size={12} aria-hidden />
            {t`${newCount} new`}
          </button>
        ) : null}
      </span>
    </div>
  );
}
