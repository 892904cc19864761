import { t } from "@lingui/core/macro";
import { useMemo } from "react";

import type { CaseRow } from "@/api/types";
import { type Shortcut, useShortcuts } from "@/ui/shortcuts";

import type { CaseList } from "./caseList";
import { FILTER_ID } from "./FilterField";
import type { Chosen } from "./useChosen";

/** Rows that Page Up and Page Down go. */
const PAGE_ROWS = 20;

interface ListKeys {
  list: CaseList;
  selectedId: string | null;
  setSelectedId: (id: string | null) => void;
  chosen: Chosen;
  open: (id: string) => void;
  claim: (row: CaseRow) => void;
}

/** Every deed of the list without a mouse. */
export function useListKeys(props: ListKeys): void {
  const { list, selectedId, setSelectedId, chosen, open, claim } = props;
  const shortcuts = useMemo<Shortcut[]>(() => {
    const move = (step: number) => {
      const { order } = list.state();
      const at = selectedId === null ? -1 : order.indexOf(selectedId);
      const to = at === -1 ? 0 : Math.min(order.length - 1, Math.max(0, at + step));
      setSelectedId(order[to] ?? null);
    };
    const onSelected = (deed: (row: CaseRow) => void) => () => {
      const row = selectedId === null ? undefined : list.state().rows.get(selectedId);
      return row === undefined ? false : deed(row);
    };
    return [
      { keys: ["j", "ArrowDown"], label: t`Next case`, run: () => move(1) },
      { keys: ["k", "ArrowUp"], label: t`Previous case`, run: () => move(-1) },
      { keys: "PageDown", label: t`A page down`, run: () => move(PAGE_ROWS) },
      { keys: "PageUp", label: t`A page up`, run: () => move(-PAGE_ROWS) },
      { keys: "Home", label: t`First case`, run: () => move(-Infinity) },
      { keys: "End", label: t`Last case that is loaded`, run: () => move(Infinity) },
      { keys: "Enter", label: t`Open the case`, run: onSelected(({ id }) => open(id)) },
      {
        keys: "x",
        label: t`Choose the case; with Shift all from the last one chosen`,
        run: (event) => onSelected(({ id }) => chosen.check(id, event.shiftKey))(),
      },
      {
        keys: "Escape",
        label: t`Choose none`,
        run: () => (chosen.ids.size === 0 ? false : chosen.clear()),
      },
      { keys: "c", label: t`Claim the case, or give it back`, run: onSelected(claim) },
      {
        keys: "/",
        label: t`Filter the list`,
        run: () => document.getElementById(FILTER_ID)?.focus(),
      },
    ];
  }, [list, selectedId, setSelectedId, chosen, open, claim]);
  useShortcuts(t`Worklist`, shortcuts);
}
