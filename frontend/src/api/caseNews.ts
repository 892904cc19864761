/** News of single cases for lists that hold their rows themselves. */
import type { CaseRow } from "./types";

export interface CaseNews {
  worklist: string;
  id: string;
  /** What is known of the change; null: ask the server. */
  changes: Partial<CaseRow> | null;
}

export interface CaseNewsListener {
  onChange: (news: CaseNews) => void;
  /** The connection was lost for a while: anything may have changed. */
  onGap: () => void;
}

const listeners = new Set<CaseNewsListener>();

export function followCases(listener: CaseNewsListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tellCase(news: CaseNews): void {
  for (const { onChange } of listeners) onChange(news);
}

export function tellGap(): void {
  for (const { onGap } of listeners) onGap();
}
