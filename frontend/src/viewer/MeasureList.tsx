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
      <summary>{measures.length === 1 ? "1 measure" : `${measures.length} measures`}</summary>
      <ul aria-label="Measures on this image">
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
                aria-label={`${name} by numbers`}
                title="By numbers"
                onClick={() => onEdit(measure.id)}
              >
                <Pencil size={14} aria-hidden />
              </button>
              <button
                type="button"
                className="tool"
                aria-label={`Delete ${name}`}
                title="Delete (Del)"
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
