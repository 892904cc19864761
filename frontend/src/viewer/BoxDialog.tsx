import { t } from "@lingui/core/macro";
import { useId, useState, type FormEvent } from "react";

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

import { boxProblem, type BoxNumbers, type FilmSize } from "./regions";

const FIELDS = [
  ["left", t`First column`],
  ["right", t`Last column`],
  ["top", t`First row`],
  ["bottom", t`Last row`],
] as const;

interface BoxDialogProps {
  readonly film: FilmSize;
  readonly onBox: (box: BoxNumbers) => void;
  readonly onClose: () => void;
}

/** Marks a box without dragging (WCAG 2.5.7). */
export function BoxDialog({ film, onBox, onClose }: BoxDialogProps) {
  const [texts, setTexts] = useState({ left: "", top: "", right: "", bottom: "" });
  const [problem, setProblem] = useState<string | null>(null);
  const problemId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const number = (text: string) => (text.trim() === "" ? NaN : Number(text));
    const box = {
      left: number(texts.left),
      top: number(texts.top),
      right: number(texts.right),
      bottom: number(texts.bottom),
    };
    const found = boxProblem(box, film);
    setProblem(found);
    if (found === null) onBox(box);
  };
  return (
    <Dialog title={t`Mark a box by numbers`} onClose={onClose}>
      <form className="dialog-body box-form" onSubmit={submit} noValidate>
        <p className="muted">
          {t`In film pixels. The film has ${film.columns} columns and ${film.rows} rows; counting starts at 0 in the top-left corner of the film as stored.`}
        </p>
        <div className="box-fields">
          {FIELDS.map(([name, label]) => (
            <label className="field" key={name}>
              <span>{label}</span>
              <input
                className="input numeric"
                inputMode="numeric"
                value={texts[name]}
                aria-describedby={problem === null ? undefined : problemId}
                onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
              />
            </label>
          ))}
        </div>
        <p id={problemId} role="alert" className="tone-amber">
          {problem}
        </p>
        <div className="box-actions">
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button variant="primary" type="submit">
            {t`Mark the box`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
