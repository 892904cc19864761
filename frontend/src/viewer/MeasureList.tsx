import { plural, t } from "@lingui/core/macro";
import { Pencil, Trash2 } from "lucide-react";

import type { Film } from "@/imaging";

import { MEASURE_NAMES, measureLines, type Measure } from "./measures";

interface MeasureListProps {
  readonly measures: readonly Measure[];
  readonly film: Film;
  readonly selected: number | null;
  readonly onSelect: (id: number | null) => void;
  readonly onEdit: (id: number) => void;
  readonly onDelete: (id: number) => void;
}

/** What was measured, in words: to read out, to select by keyboard, to edit, to delete. */
export function MeasureList(props: MeasureListProps) {
  const { measures, film, selected, onSelect, onEdit, onDelete } = props;
  if (measures.length === 0) return null;
  return (
    <details className="measures">
      <summary>{plural(measures.length, { one: "# measure", other: "# measures" })}</summary>
      <ul aria-label={t`Measures on this image`}>
        {measures.map((measure, i) => {
          const name = `${MEASURE_NAMES[measure.kind]} ${i + 1}`;
          const isSelected = measure.id === selected;
          return (
            <li key={measure.id}>
              <button
                type="button"
                className="measure-name"
                aria-pressed={isSelected}
                onClick={(event) => {
                  onSelect(isSelected ? null : measure.id);
                  if (event.detail > 0) event.currentTarget.blur();
                }}
              >
                <strong>{name}</strong>
                {measureLines(measure, film).map((line) => (
                  <span key={line}>{line}</span>
                ))}
              </button>
              <button
                type="button"
                className="tool"
                aria-label={t`${name} by numbers`}
                title={t`By numbers`}
                onClick={() => onEdit(measure.id)}
              >
                <Pencil size={14} aria-hidden />
              </button>
              <button
                type="button"
                className="tool"
                aria-label={t`Delete ${name}`}
                title={t`Delete (Del)`}
                onClick={() => onDelete(measure.id)}
              >
                <Trash2 size={14} aria-hidden />
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
