import { useCallback, useRef, useState } from "react";

const NONE: ReadonlySet<string> = new Set();

export interface Chosen {
  ids: ReadonlySet<string>;
  /** Choose a row or let it go; with `isRange` all rows from the last one chosen. */
  check: (id: string, isRange: boolean) => void;
  clear: () => void;
}

/** The rows chosen for a change of many. `order` is read when a range is chosen. */
export function useChosen(order: () => readonly string[]): Chosen {
  const [ids, setIds] = useState(NONE);
  const anchor = useRef<string | null>(null);
  const check = useCallback(
    (id: string, isRange: boolean) => {
      const rows = order();
      const from = anchor.current === null ? -1 : rows.indexOf(anchor.current);
      const to = rows.indexOf(id);
      anchor.current = id;
      setIds((held) => {
        const next = new Set(held);
        if (isRange && from >= 0 && to >= 0) {
          for (const each of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) {
            next.add(each);
          }
        } else if (!next.delete(id)) {
          next.add(id);
        }
        return next;
      });
    },
    [order],
  );
  const clear = useCallback(() => {
    anchor.current = null;
    setIds(NONE);
  }, []);
  return { ids, check, clear };
}
