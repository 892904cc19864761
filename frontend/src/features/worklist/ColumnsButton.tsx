import { t } from "@lingui/core/macro";
import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";

import type { WorklistMode } from "@/api/types";
import { announce } from "@/ui/announce";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

import { isFixed, moved, toggled, WIDTH_PX, widened } from "./columnChoice";
import { type Column, offerFor } from "./columns";
import type { Columns } from "./useColumns";

interface ColumnsProps {
  mode: WorklistMode;
  columns: Columns;
}

/** Which columns the list shows, in which order and how wide: kept for this person. */
export function ColumnsButton(props: ColumnsProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <IconButton label={t`Choose the columns`} small onClick={() => setIsOpen(true)}>
        <Columns3 size={14} aria-hidden />
      </IconButton>
      {isOpen ? <ColumnsDialog {...props} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

function ColumnsDialog({ mode, columns, onClose }: ColumnsProps & { onClose: () => void }) {
  const { shown, choice, choose } = columns;
  const { own, more } = offerFor(mode);
  const names = shown.columns.map(({ name }) => name);
  const hidden = [...own, ...more].filter(({ name }) => !names.includes(name));
  const list = useRef<HTMLUListElement>(null);
  const acted = useRef<string | null>(null);
  useLayoutEffect(() => {
    // A line that changed its place has lost the focus on the way.
    const control = list.current?.querySelector<HTMLElement>(`[data-act="${acted.current}"]`);
    if (acted.current !== null) control?.focus();
    acted.current = null;
  }, [shown]);
  const act = (control: string, next: typeof choice) => {
    acted.current = control;
    choose(next);
  };
  const move = (column: Column, step: -1 | 1) => {
    const to = names.indexOf(column.name) + step;
    if (to < 0 || to >= names.length) return;
    act(`${step < 0 ? "up" : "down"}-${column.name}`, moved(choice, column.name, step, names));
    announce(t`${column.label}: column ${to + 1} of ${names.length}`);
  };
  return (
    <Dialog title={t`Columns of this list`} onClose={onClose}>
      <div className="dialog-body columns-dialog">
        <p className="muted">
          {mode === "triage"
            ? t`For all your triage worklists. The file that a lead downloads always has all columns.`
            : t`For all your blind worklists. The file that a lead downloads always has all columns.`}
        </p>
        <ul ref={list} aria-label={t`Columns`}>
          {[...shown.columns, ...hidden].map((column) => (
            <li key={column.name} data-shown={names.includes(column.name)}>
              <label>
                <input
                  type="checkbox"
                  data-act={`show-${column.name}`}
                  checked={names.includes(column.name)}
                  disabled={isFixed(column.name)}
                  onChange={() => act(`show-${column.name}`, toggled(choice, column.name))}
                />
                {column.label}
              </label>
              {isFixed(column.name) ? <span className="muted">{t`always shown`}</span> : null}
              {names.includes(column.name) ? (
                <>
                  <WidthField
                    label={column.label}
                    widthPx={choice.find(({ name }) => name === column.name)?.width_px ?? null}
                    onChange={(widthPx) => choose(widened(choice, column.name, widthPx))}
                  />
                  <MoveButton
                    label={t`${column.label}: further to the front`}
                    act={`up-${column.name}`}
                    isEnd={names[0] === column.name}
                    onClick={() => move(column, -1)}
                    icon={ArrowUp}
                  />
                  <MoveButton
                    label={t`${column.label}: further to the end`}
                    act={`down-${column.name}`}
                    isEnd={names.at(-1) === column.name}
                    onClick={() => move(column, 1)}
                    icon={ArrowDown}
                  />
                </>
              ) : null}
            </li>
          ))}
        </ul>
        <div className="view-actions">
          <Button disabled={!shown.isChosen} onClick={() => choose([])}>
            {t`Back to the usual columns`}
          </Button>
          <Button variant="primary" onClick={onClose}>{t`Done`}</Button>
        </div>
      </div>
    </Dialog>
  );
}

interface MoveButtonProps {
  label: string;
  act: string;
  isEnd: boolean;
  onClick: () => void;
  icon: typeof ArrowUp;
}

/** Stays in the tab order at either end, so that the focus is not lost there. */
function MoveButton({ label, act, isEnd, onClick, icon: Icon }: MoveButtonProps) {
  return (
    <Button
      variant="ghost"
      small
      className="button-icon"
      aria-label={label}
      aria-disabled={isEnd}
      data-act={act}
      onClick={onClick}
    >
      <Icon size={14} aria-hidden />
    </Button>
  );
}

interface WidthFieldProps {
  label: string;
  widthPx: number | null;
  onChange: (widthPx: number | null) => void;
}

/** Taken when the reader leaves the field or presses Enter: half a number is no width. */
function WidthField({ label, widthPx, onChange }: WidthFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const take = () => {
    if (text === null) return;
    setText(null);
    const width = text.trim() === "" ? null : Number(text);
    if (width === null || Number.isFinite(width)) onChange(width);
  };
  return (
    <label>
      <span className="visually-hidden">{t`${label}: width in pixels, empty for its own`}</span>
      <input
        type="number"
        className="input column-width"
        {...WIDTH_PX}
        placeholder={t`own width`}
        value={text ?? widthPx ?? ""}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
        }}
      />
    </label>
  );
}
