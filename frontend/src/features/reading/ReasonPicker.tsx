import { X } from "lucide-react";
import { useId, useMemo, useRef, useState, type KeyboardEvent } from "react";

import type { ReasonCode } from "@/api/types";

import { findsWords } from "./words";

interface ReasonPickerProps {
  readonly label: string;
  readonly codes: readonly ReasonCode[];
  readonly picked: readonly string[];
  readonly onToggle: (code: string) => void;
}

const GROUPS = [
  { group: "against", label: "Speaks against the film" },
  { group: "for", label: "Speaks for the film" },
] as const;

/**
 * Type to find, arrows to move, Enter to pick, or a digit while nothing is typed; picked reasons
 * stand above as chips. Retired reasons are not offered, but still named where they were given.
 */
export function ReasonPicker({ label, codes, picked, onToggle }: ReasonPickerProps) {
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const inputRef = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = useMemo(() => {
    return GROUPS.flatMap(({ group }) =>
      codes.filter(
        (code) =>
          code.active && code.group === group && findsWords(`${code.label} ${group}`, query),
      ),
    );
  }, [codes, query]);
  const current = found[Math.min(active, found.length - 1)];
  const optionId = (code: string) => `${id}-${code}`;

  const pick = (code: string) => {
    onToggle(code);
    setQuery("");
    // Closed: the list covers what comes next, and the next Enter seals or files.
    setOpen(false);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive(open ? (active + step + found.length) % Math.max(1, found.length) : 0);
      setOpen(true);
    } else if (event.key === "Enter" && open && current) {
      event.preventDefault();
      pick(current.code);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (open) setOpen(false);
      else inputRef.current?.blur();
    } else if (open && query === "" && /^[0-9]$/.test(event.key)) {
      const meant = found.find((code) => code.hotkey === event.key);
      if (meant === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      pick(meant.code);
    } else if (event.key === "Backspace" && query === "") {
      const last = picked.at(-1);
      if (last !== undefined) onToggle(last);
    }
  };

  return (
    <div className="picker">
      <label className="step-label" htmlFor={`${id}-input`}>
        {label} <kbd aria-hidden>Y</kbd>
      </label>
      {picked.length > 0 ? (
        <ul className="picked" aria-label="Picked reasons">
          {picked.map((code) => {
            const words = codes.find((known) => known.code === code)?.label ?? code;
            return (
              <li key={code} className="chip picked-chip">
                {words}
                <button
                  type="button"
                  aria-label={`Remove ${words}`}
                  onClick={() => onToggle(code)}
                >
                  <X size={13} aria-hidden />
                </button>
              </li>
            );
          })}
        </ul>
      ) : null}
      <input
        ref={inputRef}
        id={`${id}-input`}
        className="input"
        data-why
        aria-keyshortcuts="Y"
        placeholder="Type, or a digit…"
        autoComplete="off"
        role="combobox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && current ? optionId(current.code) : undefined}
        value={query}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        aria-multiselectable
        hidden={!open}
        className="picker-list"
      >
        {GROUPS.map(({ group, label: groupLabel }) => {
          const members = found.filter((code) => code.group === group);
          if (members.length === 0) return null;
          return (
            <div key={group} role="group" aria-label={groupLabel}>
              <div className="picker-group" aria-hidden>
                {groupLabel}
              </div>
              {members.map((code) => (
                // The combobox keeps the focus and takes the keys for its options.
                // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
                <div
                  key={code.code}
                  id={optionId(code.code)}
                  role="option"
                  aria-selected={picked.includes(code.code)}
                  className="picker-option"
                  data-active={code === current ? "" : undefined}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => pick(code.code)}
                >
                  <span>{code.label}</span>
                  {code.hotkey !== "" && query === "" ? (
                    <kbd aria-hidden>{code.hotkey}</kbd>
                  ) : null}
                  {picked.includes(code.code) ? <span aria-hidden>✓</span> : null}
                </div>
              ))}
            </div>
          );
        })}
        {found.length === 0 ? <p className="picker-none">No reason with these words.</p> : null}
      </div>
    </div>
  );
}
