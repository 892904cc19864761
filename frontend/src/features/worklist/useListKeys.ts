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
      { id: "list.next", run: () => move(1) },
      { id: "list.previous", run: () => move(-1) },
      { id: "list.page_down", run: () => move(PAGE_ROWS) },
      { id: "list.page_up", run: () => move(-PAGE_ROWS) },
      { id: "list.first", run: () => move(-Infinity) },
      { id: "list.last", run: () => move(Infinity) },
      { id: "list.open", run: onSelected(({ id }) => open(id)) },
      {
        id: "list.choose",
        run: (event) => onSelected(({ id }) => chosen.check(id, event.shiftKey))(),
      },
      {
        id: "list.choose_none",
        run: () => (chosen.ids.size === 0 ? false : chosen.clear()),
      },
      { id: "list.claim", run: onSelected(claim) },
      {
        id: "list.filter",
        run: () => document.getElementById(FILTER_ID)?.focus(),
      },
    ];
  }, [list, selectedId, setSelectedId, chosen, open, claim]);
  useShortcuts(t`Worklist`, shortcuts);
}
