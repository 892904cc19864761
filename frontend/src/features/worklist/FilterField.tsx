import { t } from "@lingui/core/macro";
import { Search, X } from "lucide-react";
import { useEffect, useId, useState } from "react";

import type { WorklistMode } from "@/api/types";

import { parseFilter, splitPrivate, type Term, withoutTerm } from "./filterLanguage";
import { type Filters, filterText } from "./filters";

export const FILTER_ID = "worklist-filter";
const SETTLE_MS = 250;

interface FilterFieldProps {
  mode: WorklistMode;
  filters: Filters;
  onChange: (changes: Partial<Filters>) => void;
}

/** The filter in the reader's words, a chip for each of its parts, a fault at its place. */
export function FilterField({ mode, filters, onChange }: FilterFieldProps) {
  const value = filterText(filters);
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  if (told !== value) {
    setTold(value);
    // Unless these are the reader's words in another order, the address changed by other
    // means (back, a saved view): show that.
    const { open, hidden } = splitPrivate(text);
    if (filterText({ f: open, q: hidden }) !== value) setText(value);
  }
  const faultId = useId();
  const { terms, fault } = parseFilter(text, mode === "triage");
  const isFaulty = fault !== null;
  useEffect(() => {
    if (isFaulty) return;
    const { open, hidden } = splitPrivate(text);
    const joined = filterText({ f: open, q: hidden });
    if (joined === value) return;
    const timer = setTimeout(() => {
      onChange({ f: open, q: hidden });
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, value, isFaulty, onChange]);
  return (
    <div className="filter-field">
      <label className="input-with-icon">
        <span className="visually-hidden">{t`Filter`}</span>
        <Search size={14} aria-hidden />
        <input
          id={FILTER_ID}
          type="search"
          className="input"
          placeholder={t`modality:DX age<2d patient:anna "lower leg"`}
          spellCheck={false}
          autoComplete="off"
          value={text}
          aria-invalid={isFaulty}
          aria-describedby={isFaulty ? faultId : undefined}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Back to the list: Enter keeps the words, Escape clears them first.
            if (event.key === "Enter" || (event.key === "Escape" && text === "")) {
              event.currentTarget.blur();
            } else if (event.key === "Escape") {
              setText("");
            }
          }}
        />
      </label>
      {fault === null ? null : (
        <p id={faultId} className="filter-fault" role="status">
          <Marked text={text} position={fault.position} />
          {fault.message}
        </p>
      )}
      {terms.length === 0 ? null : (
        <ul className="filter-chips" aria-label={t`Parts of the filter`}>
          {terms.map((term) => (
            <li key={`${term.start}-${term.end}`}>
              <button
                type="button"
                className={term.isNegated ? "chip chip-not" : "chip"}
                onClick={() => setText(withoutTerm(text, term))}
              >
                <span className="visually-hidden">{t`Remove`} </span>
                {wordsOf(term)}
                <X size={12} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The filter around its fault, with the faulty character marked. */
function Marked({ text, position }: { text: string; position: number }) {
  const from = Math.max(0, position - 12);
  return (
    <code aria-hidden>
      {from > 0 ? "…" : ""}
      {text.slice(from, position)}
      <mark>{text[position] ?? " "}</mark>
      {text.slice(position + 1, position + 9)}
    </code>
  );
}

function wordsOf({ field, operator, values, isNegated }: Term): string {
  const value = values
    .map((said) => (field === "state" ? said.replace("_", " ") : said))
    .join(t` or `);
  const not = isNegated ? t`not ` : "";
  if (field === "text") return `${not}“${value}”`;
  return operator === ":" ? `${not}${field}: ${value}` : `${not}${field} ${operator} ${value}`;
}
