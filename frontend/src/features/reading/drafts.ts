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
const NO_BASE: Base = { revision: 0, isSaved: false };
export const nothingKept: KeptDrafts = {
  drafts: emptyDrafts,
  bases: { read: NO_BASE, verdict: NO_BASE },
};

const keyOf = (userId: string, caseId: string): string => `${PREFIX}${userId}.${caseId}`;

/** Return what was kept for the case; anything unreadable counts as nothing kept. */
export function loadDrafts(
  userId: string,
  caseId: string,
  storage: Storage = sessionStorage,
): KeptDrafts {
  try {
    const text = storage.getItem(keyOf(userId, caseId));
    if (text === null) return nothingKept;
    const kept = JSON.parse(text) as Partial<KeptDrafts> | null;
    return {
      drafts: {
        read: { ...emptyDrafts.read, ...kept?.drafts?.read },
        verdict: { ...emptyDrafts.verdict, ...kept?.drafts?.verdict },
      },
      bases: {
        read: { ...NO_BASE, ...kept?.bases?.read },
        verdict: { ...NO_BASE, ...kept?.bases?.verdict },
      },
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return nothingKept;
    throw error;
  }
}

/** Keep the drafts; return whether the browser really did. */
export function keepDrafts(
  userId: string,
  caseId: string,
  kept: KeptDrafts,
  storage: Storage = sessionStorage,
): boolean {
  try {
    const text = JSON.stringify(kept);
    storage.setItem(keyOf(userId, caseId), text);
    return storage.getItem(keyOf(userId, caseId)) === text;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
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

export function forgetDrafts(caseId: string, storage: Storage = sessionStorage): void {
  forget((key) => key.endsWith(`.${caseId}`), storage);
}

export function forgetAllDrafts(storage: Storage = sessionStorage): void {
  forget(() => true, storage);
}

/** A session that ended by itself wiped nothing: the next person here does. */
export function forgetOthers(userId: string, storage: Storage = sessionStorage): void {
  forget((key) => !key.startsWith(`${PREFIX}${userId}.`), storage);
}
