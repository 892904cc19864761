/**
 * Unsent answers, kept in this tab so that a reload loses nothing even without a server.
 * Under ids only, for one person, and wiped at sign-out.
 */
import type { Base } from "./autosave";
import { emptyDrafts, type Drafts } from "./machine";

export interface KeptDrafts {
  readonly drafts: Drafts;
  /** What the server held of each when they were kept. */
  readonly bases: { readonly read: Base; readonly verdict: Base };
}

const PREFIX = "truefilm.read.";
export const NO_BASE: Base = { revision: 0, isSaved: false };
export const nothingKept: KeptDrafts = {
  drafts: emptyDrafts,
  bases: { read: NO_BASE, verdict: NO_BASE },
};

const keyOf = (userId: string, name: string): string => `${PREFIX}${userId}.${name}`;

/** Return what was kept under a name; anything unreadable counts as nothing kept. */
export function loadFromTab<Value>(
  userId: string,
  name: string,
  storage: Storage = sessionStorage,
): Partial<Value> | null {
  try {
    const text = storage.getItem(keyOf(userId, name));
    return text === null ? null : (JSON.parse(text) as Partial<Value> | null);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return null;
    throw error;
  }
}

/** Keep it under a name that ends with an id; return whether the browser really did. */
export function keepInTab(
  userId: string,
  name: string,
  value: object,
  storage: Storage = sessionStorage,
): boolean {
  try {
    const text = JSON.stringify(value);
    storage.setItem(keyOf(userId, name), text);
    return storage.getItem(keyOf(userId, name)) === text;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}

/** Return what was kept for the case. */
export function loadDrafts(
  userId: string,
  caseId: string,
  storage: Storage = sessionStorage,
): KeptDrafts {
  const kept = loadFromTab<KeptDrafts>(userId, caseId, storage);
  if (kept === null) return nothingKept;
  return {
    drafts: {
      read: { ...emptyDrafts.read, ...kept.drafts?.read },
      verdict: { ...emptyDrafts.verdict, ...kept.drafts?.verdict },
    },
    bases: {
      read: { ...NO_BASE, ...kept.bases?.read },
      verdict: { ...NO_BASE, ...kept.bases?.verdict },
    },
  };
}

/** Keep the drafts; return whether the browser really did. */
export function keepDrafts(
  userId: string,
  caseId: string,
  kept: KeptDrafts,
  storage: Storage = sessionStorage,
): boolean {
  return keepInTab(userId, caseId, kept, storage);
}

function forget(isMeant: (key: string) => boolean, storage: Storage): void {
  try {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    for (const key of keys) {
      if (key !== null && key.startsWith(PREFIX) && isMeant(key)) storage.removeItem(key);
    }
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Forget all that was kept of a case or a question. */
export function forgetDrafts(id: string, storage: Storage = sessionStorage): void {
  forget((key) => key.endsWith(`.${id}`), storage);
}

export function forgetAllDrafts(storage: Storage = sessionStorage): void {
  forget(() => true, storage);
}

/** A session that ended by itself wiped nothing: the next person here does. */
export function forgetOthers(userId: string, storage: Storage = sessionStorage): void {
  forget((key) => !key.startsWith(`${PREFIX}${userId}.`), storage);
}
