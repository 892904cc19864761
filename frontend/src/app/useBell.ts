/** The notifications of whoever is signed in, and marking them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useLocation } from "react-router";

import { api } from "@/api/client";
import { askedQuery, keys, notificationsQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { Notification, NotificationPage, UnreadOut } from "@/api/types";
import { announce } from "@/ui/announce";
import { withoutStop } from "@/ui/format";

import { bellLines, placeOf, wordsOf } from "./bellLines";

interface Mark {
  readonly ids: readonly string[];
  readonly is_read: boolean;
}

/** Read out what is new; never a patient's name, which the room would hear. */
function useAnnounced(page: NotificationPage | undefined): void {
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (page === undefined) return;
    // An upload's line is told again under the same id.
    const keyOf = ({ id, told_at }: Notification) => `${id} ${told_at}`;
    const before = known.current;
    known.current = new Set(page.items.map(keyOf));
    if (before === null) return;
    const fresh = page.items.filter((line) => !line.is_read && !before.has(keyOf(line)));
    if (fresh.length > 0)
      announce(fresh.map((line) => `${withoutStop(wordsOf(line))}.`).join(" "));
  }, [page]);
}

/** A case that is opened or left was looked at: its lines are read. */
function useSeen(mark: (ids: readonly string[], isRead: boolean) => void): void {
  const client = useQueryClient();
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    const places = [last.current, pathname];
    last.current = pathname;
    const page = client.getQueryData<NotificationPage>(keys.notifications);
    const seen = (page?.items ?? []).filter(
      (line) => !line.is_read && line.case !== null && places.includes(placeOf(line)),
    );
    mark(
      seen.map(({ id }) => id),
      true,
    );
  }, [client, pathname, mark]);
}

export function useBell() {
  const client = useQueryClient();
  const reads = may(useMe(), "read_cases");
  const told = useQuery(notificationsQuery);
  const asked = useQuery({ ...askedQuery, enabled: reads });
  useAnnounced(told.data);
  const { mutate } = useMutation({
    mutationFn: (body: Mark) => api<UnreadOut>("/notifications/mark", { method: "POST", body }),
    onMutate: async ({ ids, is_read }) => {
      await client.cancelQueries({ queryKey: keys.notifications });
      client.setQueryData<NotificationPage>(keys.notifications, (page) => {
        if (page === undefined) return page;
        const items = page.items.map((line) =>
          ids.includes(line.id) ? { ...line, is_read } : line,
        );
        return { ...page, items, unread: items.filter((line) => !line.is_read).length };
      });
    },
    // Also when it was refused: show what the server has.
    onSettled: () => void client.invalidateQueries({ queryKey: keys.notifications }),
  });
  const mark = useCallback(
    (ids: readonly string[], isRead: boolean) => {
      if (ids.length > 0) mutate({ ids, is_read: isRead });
    },
    [mutate],
  );
  useSeen(mark);
  const items = told.data?.items ?? [];
  return {
    ...bellLines(items, asked.data?.items ?? []),
    unread: told.data?.unread ?? 0,
    unreadIds: items.filter(({ is_read }) => !is_read).map(({ id }) => id),
    isPending: told.isPending,
    error: told.data === undefined ? told.error : null,
    retry: () => void told.refetch(),
    mark,
  };
}
