import { t } from "@lingui/core/macro";
import { useMemo, type Dispatch } from "react";

import { answerShortcuts, mapShortcuts } from "@/answering/keys";
import type { ReasonCode } from "@/api/types";
import { useShortcuts, type Shortcut } from "@/ui/shortcuts";

import type { DraftAction } from "./machine";
import type { Phase } from "./phases";
import { decisionsFor } from "./words";

interface Keys {
  readonly phase: Phase;
  /** Null until the evidence is here. */
  readonly flagged: boolean | null;
  readonly hasMaps: boolean;
  readonly dispatch: Dispatch<DraftAction>;
  readonly onDecision: () => void;
  /** Null where no reason is asked. */
  readonly onWhy: (() => void) | null;
  /** What may have changed the reader's mind, while that is asked; else empty. */
  readonly changes: readonly ReasonCode[];
  /** Null where Enter sends nothing. */
  readonly onEnter: (() => void) | null;
  readonly onMapKey: (key: "h" | "j" | "k") => void;
  readonly onOpacity: (step: number) => void;
  readonly onNext: () => void;
  readonly onCompare: () => void;
  readonly onAsk: () => void;
  readonly onTimeline: () => void;
  readonly onImage: ((step: number) => void) | null;
}

const ENTER_WORDS: Partial<Record<Phase, string>> = {
  read: t`Seal the answer`,
  verdict: t`File the verdict`,
  amending: t`File the amendment`,
  done: t`Open the next case`,
};

function answerKeys({ phase, dispatch }: Keys): Shortcut[] {
  if (phase !== "read") return [];
  return answerShortcuts(
    (answer) => dispatch({ type: "answer", answer }),
    (confidence) => dispatch({ type: "confidence", confidence }),
  );
}

function decisionKeys({ phase, flagged, dispatch, onDecision }: Keys): Shortcut[] {
  if ((phase !== "verdict" && phase !== "amending") || flagged === null) return [];
  return decisionsFor(flagged).map(({ decision, label, keyId }) => ({
    id: keyId,
    label,
    run: () => {
      dispatch({ type: "decision", decision });
      onDecision();
    },
  }));
}

function changeKeys({ changes, dispatch }: Keys): Shortcut[] {
  return changes
    .filter(({ hotkey }) => hotkey !== "")
    .map(({ code, label, hotkey }) => ({
      keys: hotkey,
      label,
      run: () => dispatch({ type: "changed-mind", code }),
    }));
}

function mapKeys({ hasMaps, onMapKey, onOpacity }: Keys): Shortcut[] {
  return hasMaps ? mapShortcuts(onMapKey, onOpacity) : [];
}

function enterKeys({ phase, onEnter }: Keys): Shortcut[] {
  const label = ENTER_WORDS[phase];
  if (onEnter === null || label === undefined) return [];
  return [
    {
      id: "case.enter",
      label,
      whileTyping: true,
      run: (event) => {
        if (event.target instanceof HTMLTextAreaElement) return false;
        onEnter();
      },
    },
  ];
}

export function useReadingKeys(keys: Keys): void {
  const shortcuts = useMemo<Shortcut[]>(
    () => [
      ...answerKeys(keys),
      ...decisionKeys(keys),
      ...changeKeys(keys),
      ...(keys.onWhy === null ? [] : [{ id: "case.why" as const, run: keys.onWhy }]),
      ...enterKeys(keys),
      ...mapKeys(keys),
      { id: "case.next", run: keys.onNext },
      { id: "case.compare", run: keys.onCompare },
      { id: "case.ask", run: keys.onAsk },
      { id: "case.timeline", run: keys.onTimeline },
      ...(keys.onImage
        ? [
            { id: "case.next_image" as const, run: () => keys.onImage?.(1) },
            { id: "case.previous_image" as const, run: () => keys.onImage?.(-1) },
          ]
        : []),
    ],
    [keys],
  );
  useShortcuts(t`Reading`, shortcuts);
}
