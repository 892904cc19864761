/** Unsent answers, kept in this tab so that a reload loses nothing. */
import { emptyDrafts, type Drafts } from "./machine";

const keyOf = (caseId: string): string => `truefilm.read.${caseId}`;

/** Return what was kept for the case; anything unreadable counts as nothing kept. */
export function loadDrafts(caseId: string, storage: Storage = sessionStorage): Drafts {
  try {
    const text = storage.getItem(keyOf(caseId));
    if (text === null) return emptyDrafts;
    const kept = JSON.parse(text) as Partial<Drafts> | null;
    return {
      read: { ...emptyDrafts.read, ...kept?.read },
      verdict: { ...emptyDrafts.verdict, ...kept?.verdict },
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return emptyDrafts;
    throw error;
  }
}

/** Keep the drafts; return whether the browser really did. */
export function keepDrafts(
  caseId: string,
  drafts: Drafts,
  storage: Storage = sessionStorage,
): boolean {
  try {
    const text = JSON.stringify(drafts);
    storage.setItem(keyOf(caseId), text);
    return storage.getItem(keyOf(caseId)) === text;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}

export function forgetDrafts(caseId: string, storage: Storage = sessionStorage): void {
  try {
    storage.removeItem(keyOf(caseId));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
