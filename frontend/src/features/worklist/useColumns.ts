import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { api } from "@/api/client";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Me, WorklistMode } from "@/api/types";
import { tell } from "@/ui/toast";

import type { Choice } from "./columnChoice";
import { type ShownColumns, shownColumns } from "./columns";

const NONE: Choice = [];

export interface Columns {
  readonly shown: ShownColumns;
  /** What is kept for this person; empty: the list's own columns. */
  readonly chosen: Choice;
  /** The columns on screen as a choice, whoever made it. */
  readonly choice: Choice;
  /** Shown at once, kept on the server behind it; an empty choice: the list's own. */
  readonly choose: (choice: Choice) => void;
}

/** The columns of this person's lists of a mode; they come with who is signed in. */
export function useColumns(mode: WorklistMode): Columns {
  const chosen = useMe().columns[mode] ?? NONE;
  const client = useQueryClient();
  const { mutate } = useMutation({
    // One after the other: the last change is the one that stays.
    scope: { id: `columns-${mode}` },
    mutationFn: (columns: Choice) =>
      api(`/me/columns/${mode}`, { method: "PUT", body: { columns } }),
    onError: (error) => {
      tell(error.message, "problem");
      void client.invalidateQueries({ queryKey: keys.me });
    },
  });
  const choose = useCallback(
    (choice: Choice) => {
      void client.cancelQueries({ queryKey: keys.me });
      client.setQueryData<Me>(keys.me, (me) => me && withColumns(me, mode, choice));
      mutate(choice);
    },
    [client, mode, mutate],
  );
  return useMemo(() => {
    const shown = shownColumns(mode, chosen);
    const own = shown.columns.map(({ name }) => ({ name, width_px: null }));
    return { shown, chosen, choice: shown.isChosen ? chosen : own, choose };
  }, [mode, chosen, choose]);
}

function withColumns(me: Me, mode: WorklistMode, choice: Choice): Me {
  const others = Object.fromEntries(
    Object.entries(me.columns).filter(([each]) => each !== mode),
  );
  const columns = choice.length === 0 ? others : { ...others, [mode]: [...choice] };
  return { ...me, columns };
}
