import { t } from "@lingui/core/macro";
import { X } from "lucide-react";
import {
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
} from "react";

import type { ReasonCode } from "@/api/types";
import { Kbd } from "@/ui/shortcuts";

import { findsWords } from "./words";

interface ReasonPickerProps {
  readonly label: string;
  readonly codes: readonly ReasonCode[];
  readonly picked: readonly string[];
  readonly onToggle: (code: string) => void;
}

const GROUPS = [
  { group: "against", label: t`Speaks against the film` },
  { group: "for", label: t`Speaks for the film` },
] as const;

/** Reasons with no digit of their own get Shift and a digit, in display order. */
export function shiftDigits(codes: readonly ReasonCode[]): ReadonlyMap<string, string> {
  const without = GROUPS.flatMap(({ group }) =>
    codes.filter((code) => code.active && code.group === group && code.hotkey === ""),
  );
  return new Map(without.slice(0, 10).map(({ code }, i) => [code, String((i + 1) % 10)]));
}

/** As on the keyboard: the digit a key stands for, whatever Shift makes of it. */
function digitOf(event: KeyboardEvent): { digit: string; shifted: boolean } | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (/^[0-9]$/.test(event.key)) return { digit: event.key, shifted: false };
  const code = /^Digit([0-9])$/.exec(event.code)?.[1];
  return event.shiftKey && code !== undefined ? { digit: code, shifted: true } : null;
}

function Digit({ code, shifted }: { code: ReasonCode; shifted: ReadonlyMap<string, string> }) {
  const second = shifted.get(code.code);
  if (code.hotkey !== "") return <kbd aria-hidden>{code.hotkey}</kbd>;
  return second === undefined ? null : <kbd aria-hidden>⇧ {second}</kbd>;
}

/** How much of the list fits below or above its field, in CSS pixels. */
const LEAST_LIST_PX = 160;
const LIST_GAP_PX = 12;

/** Open the list to where there is room, and no higher, so that no reason is out of reach. */
function placeList(field: HTMLElement, list: HTMLElement): void {
  const { top, bottom } = field.getBoundingClientRect();
  const rail = field.closest(".read-rail")?.getBoundingClientRect();
  const below = (rail?.bottom ?? window.innerHeight) - bottom - LIST_GAP_PX;
  const above = top - (rail?.top ?? 0) - LIST_GAP_PX;
  const up = below < above && below < LEAST_LIST_PX * 2;
  list.toggleAttribute("data-up", up);
  list.style.maxHeight = `${Math.max(LEAST_LIST_PX, up ? above : below)}px`;
}

/**
 * Type to find, arrows to move, Enter to pick, or a digit (with Shift for the second ten) while nothing is
 * typed; picked reasons stand above as chips. Retired reasons are not offered, but still named where they were given.
 */
export function ReasonPicker({ label, codes, picked, onToggle }: ReasonPickerProps) {
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const inputRef = useRef<HTMLInputElement>(null);
  const listRef = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (open && inputRef.current && listRef.current) {
      placeList(inputRef.current, listRef.current);
    }
  }, [open]);
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
  const shifted = useMemo(() => shiftDigits(codes), [codes]);
  const optionId = (code: string) => `${id}-${code}`;

  const currentId = open && current ? optionId(current.code) : null;
  useEffect(() => {
    if (currentId === null) return;
    document.getElementById(currentId)?.scrollIntoView({ block: "nearest" });
  }, [currentId]);

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
    } else if (open && query === "" && digitOf(event)) {
      const typed = digitOf(event);
      const meant = found.find(
        (code) => typed?.digit === (typed?.shifted ? shifted.get(code.code) : code.hotkey),
      );
      if (meant === undefined) return;
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
        {label} <Kbd id="case.why" />
      </label>
      {picked.length > 0 ? (
        <ul className="picked" aria-label={t`Picked reasons`}>
          {picked.map((code) => {
            const words = codes.find((known) => known.code === code)?.label ?? code;
            return (
              <li key={code} className="chip picked-chip">
                {words}
                <button
                  type="button"
                  aria-label={t`Remove ${words}`}
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
        placeholder={t`Type, or a digit…`}
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
        ref={listRef}
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
                  {query === "" ? <Digit code={code} shifted={shifted} /> : null}
                  {picked.includes(code.code) ? <span aria-hidden>✓</span> : null}
                </div>
              ))}
            </div>
          );
        })}
        {found.length === 0 ? (
          <p className="picker-none">{t`No reason with these words.`}</p>
        ) : null}
      </div>
    </div>
  );
}
