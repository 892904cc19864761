/**
 * The filter language of worklists, as apps/reading/filters.py has it: for chips and for
 * marking a fault while the reader types. The server's word is the one that counts.
 *
 *     filter := term (space term)*
 *     term   := ["-"] (field operator value ("," value)* | value)
 */
import { t } from "@lingui/core/macro";

export interface Term {
  field: string;
  operator: string;
  values: readonly string[];
  isNegated: boolean;
  /** Places in the text, end excluded. */
  start: number;
  end: number;
}

export interface Fault {
  message: string;
  position: number;
}

export interface ParsedFilter {
  terms: readonly Term[];
  fault: Fault | null;
}

const LONGEST = 500;
const MOST_TERMS = 20;
const OPINION = new Set(["suspicion", "flagged", "lane"]);
/** May hold a patient's name: never in an address. */
const PRIVATE = new Set(["patient", "text"]);
const COMPARED: Readonly<Record<string, { pattern: RegExp; example: string }>> = {
  age: { pattern: /^\d{1,4}[mhdw]$/, example: "age<2d" },
  suspicion: { pattern: /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/, example: "suspicion>0.8" },
};
/** null: any text. */
const LISTED: Readonly<Record<string, readonly string[] | RegExp | null>> = {
  modality: /^[A-Za-z]{2,16}$/,
  site: /^[A-Za-z0-9_-]{1,50}$/,
  state: [
    "open",
    "all",
    "analysing",
    "ready",
    "in_read",
    "sealed",
    "second_read",
    "adjudication",
    "done",
  ],
  with: null,
  patient: null,
  priority: ["routine", "urgent", "stat"],
  flagged: ["yes", "no"],
  lane: ["container", "provenance", "metadata", "reuse", "synthesis", "tamper"],
};
const FIELD = /([A-Za-z]+)(:|<=|>=|<|>)/y;
const BARE_VALUE = /[^\s",]+/y;
const BARE_TEXT = /[^\s"]+/y;

class FilterFault extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** The terms up to the first fault, and the fault. */
export function parseFilter(text: string, allowOpinion: boolean): ParsedFilter {
  const terms: Term[] = [];
  try {
    if (text.length > LONGEST) throw new FilterFault(t`The filter is too long.`, LONGEST);
    let at = skipSpace(text, 0);
    while (at < text.length) {
      const term = readTerm(text, at);
      if (OPINION.has(term.field) && !allowOpinion) {
        throw new FilterFault(
          t`This worklist is read blind: it cannot be filtered by ${term.field}.`,
          term.start,
        );
      }
      terms.push(term);
      if (terms.length > MOST_TERMS) {
        throw new FilterFault(t`A filter has at most ${MOST_TERMS} parts.`, term.start);
      }
      at = skipSpace(text, term.end);
    }
  } catch (error) {
    if (!(error instanceof FilterFault)) throw error;
    return { terms, fault: { message: error.message, position: error.position } };
  }
  return { terms, fault: null };
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text[at])) at += 1;
  return at;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function readTerm(text: string, start: number): Term {
  const isNegated = text[start] === "-";
  let at = start + (isNegated ? 1 : 0);
  if (isNegated && (at === text.length || isSpace(text[at]))) {
    throw new FilterFault(t`The minus stands alone.`, start);
  }
  const found = matchAt(FIELD, text, at);
  if (found === null) {
    const [value, end] = readValue(text, at, BARE_TEXT);
    requireSpace(text, end);
    return { field: "text", operator: ":", values: [value], isNegated, start, end };
  }
  const field = (found[1] ?? "").toLowerCase();
  const operator = found[2] ?? "";
  if (!(field in LISTED) && !(field in COMPARED)) {
    throw new FilterFault(t`There is no filter “${field}”.`, at);
  }
  checkOperator(field, operator, at + (found[1] ?? "").length);
  at += found[0].length;
  const values: string[] = [];
  for (;;) {
    const [value, end] = readValue(text, at, BARE_VALUE);
    values.push(checkedValue(field, value, at));
    if (field in COMPARED && values.length > 1) {
      throw new FilterFault(t`${field} takes one value.`, at);
    }
    if (text[end] !== ",") {
      requireSpace(text, end);
      return { field, operator, values, isNegated, start, end };
    }
    at = end + 1;
  }
}

function readValue(text: string, at: number, pattern: RegExp): [string, number] {
  if (text[at] === '"') {
    const close = text.indexOf('"', at + 1);
    if (close === -1) throw new FilterFault(t`The quote is not closed.`, at);
    const value = text.slice(at + 1, close).trim();
    if (value === "") throw new FilterFault(t`The quotes are empty.`, at);
    return [value, close + 1];
  }
  const found = matchAt(pattern, text, at);
  if (found === null) throw new FilterFault(t`A value is missing.`, at);
  return [found[0], at + found[0].length];
}

function requireSpace(text: string, end: number): void {
  if (end < text.length && !isSpace(text[end])) {
    throw new FilterFault(t`A space is missing.`, end);
  }
}

function checkOperator(field: string, operator: string, at: number): void {
  const compared = COMPARED[field];
  if (compared !== undefined && operator === ":") {
    throw new FilterFault(t`${field} is compared, as in ${compared.example}.`, at);
  }
  if (compared === undefined && operator !== ":") {
    throw new FilterFault(t`${field} takes a colon.`, at);
  }
}

function checkedValue(field: string, value: string, at: number): string {
  const compared = COMPARED[field];
  if (compared !== undefined) {
    if (!compared.pattern.test(value)) {
      throw new FilterFault(t`${field} is written as in ${compared.example}.`, at);
    }
    return value;
  }
  const allowed = LISTED[field] ?? null;
  if (allowed === null) return value;
  if (allowed instanceof RegExp) {
    if (!allowed.test(value)) throw new FilterFault(t`That is no ${field}.`, at);
    return field === "modality" ? value.toUpperCase() : value.toLowerCase();
  }
  if (!allowed.includes(value.toLowerCase())) {
    throw new FilterFault(t`${field} is one of: ${allowed.join(", ")}.`, at);
  }
  return value.toLowerCase();
}

/** The filter in two: what may stand in an address, and what may hold a patient's name. */
export function splitPrivate(text: string): { open: string; hidden: string } {
  const { terms, fault } = parseFilter(text, true);
  // What cannot be read could be anything, a name too.
  if (fault !== null) return { open: "", hidden: text.trim() };
  const said = (isHidden: boolean) =>
    terms
      .filter(({ field }) => PRIVATE.has(field) === isHidden)
      .map(({ start, end }) => text.slice(start, end))
      .join(" ");
  return { open: said(false), hidden: said(true) };
}

/** The filter without one of its terms. */
export function withoutTerm(text: string, term: Term): string {
  const rest = `${text.slice(0, term.start)} ${text.slice(term.end)}`;
  return rest.replace(/\s+/g, " ").trim();
}
