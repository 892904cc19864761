import { t } from "@lingui/core/macro";
import { useId, useState, type FormEvent } from "react";

import { pointImage, type PointImage } from "@/geometry";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

import { MAX_TEXT_CHARACTERS, MEASURE_NAMES, type Measure } from "./measures";
import type { FilmSize } from "./regions";

/** More points than these are moved by hand or arrow keys: a form of them helps nobody. */
const MOST_POINTS = 4;

function pointName(kind: Measure["kind"], index: number): string {
  if (kind === "arrow") return index === 0 ? t`Tip` : t`Tail`;
  if (kind === "probe") return t`Point`;
  if (kind === "angle") return [t`First arm`, t`Vertex`, t`Second arm`][index] ?? "";
  return index === 0 ? t`First point` : t`Second point`;
}

/** Return why these texts are no points of the film, or null when they are. */
export function pointsProblem(
  texts: readonly (readonly [string, string])[],
  film: FilmSize,
): string | null {
  for (const [column, row] of texts) {
    const [x, y] = [Number(column), Number(row)];
    if (column.trim() === "" || row.trim() === "" || !Number.isFinite(x + y)) {
      return t`Give every field a number, in film pixels.`;
    }
    if (x < 0 || x > film.columns - 1) return t`Columns go from 0 to ${film.columns - 1}.`;
    if (y < 0 || y > film.rows - 1) return t`Rows go from 0 to ${film.rows - 1}.`;
  }
  return null;
}

interface MeasureDialogProps {
  readonly measure: Measure;
  readonly film: FilmSize;
  readonly onChange: (change: { points?: readonly PointImage[]; text?: string }) => void;
  readonly onClose: () => void;
}

/** Gives a measure its points and words without dragging (WCAG 2.5.7). */
export function MeasureDialog({ measure, film, onChange, onClose }: MeasureDialogProps) {
  const { kind, points } = measure;
  const hasNumbers = points.length <= MOST_POINTS;
  const [texts, setTexts] = useState(() =>
    points.map(([x, y]): [string, string] => [String(+x.toFixed(1)), String(+y.toFixed(1))]),
  );
  const [words, setWords] = useState(measure.text);
  const [problem, setProblem] = useState<string | null>(null);
  const problemId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = hasNumbers ? pointsProblem(texts, film) : null;
    setProblem(found);
    if (found !== null) return;
    onChange({
      ...(hasNumbers
        ? { points: texts.map(([x, y]) => pointImage(Number(x), Number(y))) }
        : {}),
      text: words.trim(),
    });
  };
  const setText = (index: number, axis: 0 | 1, value: string) =>
    setTexts((before) =>
      before.map(([x, y], i) => (i !== index ? [x, y] : axis === 0 ? [value, y] : [x, value])),
    );
  return (
    <Dialog
      title={
        kind === "arrow" ? t`Arrow: words and place` : t`${MEASURE_NAMES[kind]} by numbers`
      }
      onClose={onClose}
    >
      <form className="dialog-body box-form" onSubmit={submit} noValidate>
        {kind === "arrow" ? (
          <label className="field">
            <span>{t`Words beside the arrow`}</span>
            <input
              className="input"
              value={words}
              maxLength={MAX_TEXT_CHARACTERS}
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
        ) : null}
        <p className="muted">
          {t`In film pixels; counting starts at 0 in the top-left corner of the film as stored.`}
          {hasNumbers
            ? null
            : ` ${t`This outline has too many points for numbers: move it by keys.`}`}
        </p>
        {hasNumbers
          ? texts.map(([column, row], i) => (
              <fieldset className="box-fields" key={i}>
                <legend>{pointName(kind, i)}</legend>
                {([column, row] as const).map((value, axis) => (
                  <label className="field" key={axis}>
                    <span>{axis === 0 ? t`Column` : t`Row`}</span>
                    <input
                      className="input numeric"
                      inputMode="decimal"
                      value={value}
                      aria-describedby={problem === null ? undefined : problemId}
                      onChange={(event) => setText(i, axis === 0 ? 0 : 1, event.target.value)}
                    />
                  </label>
                ))}
              </fieldset>
            ))
          : null}
        <p id={problemId} role="alert" className="tone-amber">
          {problem}
        </p>
        <div className="box-actions">
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button variant="primary" type="submit">
            {t`Apply`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
