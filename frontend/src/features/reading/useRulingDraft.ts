/** What an adjudicator enters, kept at once in this tab and a moment later on the server. */
import { useCallback, useEffect, useRef, useState } from "react";

import { useMe } from "@/api/session";
import type { DraftIn, DraftOut, Outcome } from "@/api/types";

import { Autosave, type Base, type SaveState } from "./autosave";
import { keepInTab, loadFromTab, NO_BASE } from "./drafts";
import { draftPorts, runWithPage } from "./serverDraft";
import { useKept } from "./useKept";

export interface RulingDraft {
  readonly outcome: Outcome | null;
  readonly reasonCodes: readonly string[];
  readonly note: string;
}

interface KeptRuling {
  readonly draft: RulingDraft;
  readonly base: Base;
}

export const emptyRuling: RulingDraft = { outcome: null, reasonCodes: [], note: "" };
const IDLE: SaveState = { kind: "idle" };
const nameOf = (caseId: string): string => `ruling.${caseId}`;

function bodyOf({ outcome, reasonCodes, note }: RulingDraft, revision: number): DraftIn {
  return { outcome, reason_codes: [...reasonCodes], regions: [], note, revision };
}

/** The fields in the order of the empty draft: drafts are compared as texts. */
function draftOf({ outcome, reason_codes, note }: DraftOut): RulingDraft {
  return { outcome: outcome ?? null, reasonCodes: reason_codes ?? [], note: note ?? "" };
}

function loadRuling(userId: string, caseId: string): KeptRuling {
  const kept = loadFromTab<KeptRuling>(userId, nameOf(caseId));
  // One object where there is nothing: an empty draft is not kept.
  if (kept?.draft === undefined) return { draft: emptyRuling, base: NO_BASE };
  return { draft: { ...emptyRuling, ...kept.draft }, base: { ...NO_BASE, ...kept.base } };
}

export function useRulingDraft(caseId: string) {
  const userId = useMe().id;
  const [opened] = useState(() => loadRuling(userId, caseId));
  const [draft, setDraft] = useState(opened.draft);
  const [state, setState] = useState<SaveState>(IDLE);
  const [inTab, setInTab] = useState<boolean | null>(null);
  const base = useRef(opened.base);
  const now = useRef(draft);
  const saver = useRef<Autosave<RulingDraft> | null>(null);

  useEffect(() => {
    const autosave = new Autosave<RulingDraft>(
      {
        ...draftPorts(caseId, "ruling", bodyOf, draftOf),
        onState: setState,
        onRestore: (restored) => {
          now.current = restored;
          setDraft(restored);
        },
        onBase: (revision, isSaved) => {
          base.current = { revision, isSaved };
          if (now.current === emptyRuling) return;
          const kept: KeptRuling = { draft: now.current, base: base.current };
          setInTab(keepInTab(userId, nameOf(caseId), kept));
        },
      },
      now.current,
      emptyRuling,
      base.current,
    );
    saver.current = autosave;
    const stop = runWithPage(autosave);
    return () => {
      stop();
      saver.current = null;
      setState(IDLE);
    };
  }, [caseId, userId]);

  useEffect(() => {
    now.current = draft;
    // Before it is sent: a reload may come first.
    saver.current?.change(draft);
  }, [draft]);

  const change = useCallback(
    (changes: Partial<RulingDraft>) => setDraft((known) => ({ ...known, ...changes })),
    [],
  );
  return { draft, change, ...useKept(saver, state, inTab) };
}
