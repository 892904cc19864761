/** A choice of columns, changed: shown or not, further to the front, wider. */
import type { ColumnChoice } from "@/api/types";

export type Choice = readonly ColumnChoice[];

/** As apps/reading/columns.py: whose film it is and how the case stands, every line says. */
const FIXED: readonly string[] = ["patient", "state"];
export const WIDTH_PX = { min: 40, max: 800, step: 10 };

export function isFixed(name: string): boolean {
  return FIXED.includes(name);
}

/** With `name` as the last column, or without it. */
export function toggled(choice: Choice, name: string): Choice {
  if (isFixed(name)) return choice;
  const rest = choice.filter((column) => column.name !== name);
  return rest.length < choice.length ? rest : [...choice, { name, width_px: null }];
}

/**
 * With `name` one place nearer the front (-1) or the end (1) among the names of `shown`;
 * what is not among them, of a newer page, keeps its place.
 */
export function moved(
  choice: Choice,
  name: string,
  step: -1 | 1,
  shown: readonly string[],
): Choice {
  const other = shown[shown.indexOf(name) + step];
  const from = choice.findIndex((column) => column.name === name);
  const to = choice.findIndex((column) => column.name === other);
  const [one, two] = [choice[from], choice[to]];
  if (one === undefined || two === undefined) return choice;
  return choice.map((column, at) => (at === from ? two : at === to ? one : column));
}

/** With `name` so wide, or as wide as the list makes it (null); never beyond what is kept. */
export function widened(choice: Choice, name: string, widthPx: number | null): Choice {
  const { min, max } = WIDTH_PX;
  const width_px = widthPx === null ? null : Math.min(max, Math.max(min, Math.round(widthPx)));
  return choice.map((column) => (column.name === name ? { name, width_px } : column));
}
