/** Turns news into fetches: which queries each kind of event makes stale. */
import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";

import { tellCase, tellGap } from "./caseNews";
import { keys } from "./queries";
import type { CaseDetail, CaseRow, CountedPage } from "./types";
import type { EventSocket, News } from "./ws";

/** A burst of lane results must not become a burst of fetches. */
const GATHER_MS = 300;

/** The queries that `news` makes stale. Progress needs none: its numbers travel with it. */
export function staleKeys(news: News): QueryKey[] {
  switch (news.kind) {
    case "case.changed":
      return [
        ["cases", news.worklist],
        keys.case(news.id),
        // A seal lets out what colleagues replied.
        keys.questions(news.id),
        keys.worklists,
        keys.insights,
      ];
    case "notification.changed":
      // A worklist counts the questions that wait.
      return [keys.notifications, keys.allQuestions, keys.worklists];
    case "presence.changed":
      return [keys.presence(news.id)];
    case "upload.changed":
      return [keys.uploads];
    case "upload_item.changed":
      return [keys.uploadItems(news.upload_id)];
    case "case.progress":
    case "hello":
      return [];
  }
}

type CasePages = InfiniteData<CountedPage<CaseRow>>;

/** Change one row in every list on screen that holds it, and the case itself. */
export function changeCase(
  client: QueryClient,
  slug: string,
  id: string,
  changes: Partial<CaseRow>,
): void {
  tellCase({ worklist: slug, id, changes });
  const change = (page: CountedPage<CaseRow>) =>
    page.items.some((row) => row.id === id)
      ? {
          ...page,
          items: page.items.map((row) => (row.id === id ? { ...row, ...changes } : row)),
        }
      : page;
  client.setQueriesData<CasePages | CountedPage<CaseRow>>(
    { queryKey: ["cases", slug] },
    (held) => {
      if (held === undefined) return held;
      return "pages" in held ? { ...held, pages: held.pages.map(change) } : change(held);
    },
  );
  client.setQueryData<CaseDetail>(keys.case(id), (detail) =>
    detail === undefined ? detail : { ...detail, ...changes },
  );
}

/** Keep `client` fresh from `socket`; returns how to stop. */
export function followNews(client: QueryClient, socket: EventSocket): () => void {
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  // The next round starts only after this one is answered: steady news can then neither
  // starve a slow fetch by restarting it, nor pile up fetches on the server.
  const flush = async () => {
    const stale = [...waiting.values()];
    waiting.clear();
    await Promise.allSettled(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
    timer = undefined;
    schedule();
  };
  const schedule = () => {
    if (waiting.size > 0 && !stopped) timer ??= setTimeout(() => void flush(), GATHER_MS);
  };
  const stopNews = socket.onNews((news) => {
    if (news.kind === "case.progress") {
      const { done, total } = news;
      changeCase(client, news.worklist, news.id, { progress: { done, total } });
    }
    if (news.kind === "case.changed") {
      tellCase({ worklist: news.worklist, id: news.id, changes: null });
    }
    for (const queryKey of staleKeys(news)) waiting.set(JSON.stringify(queryKey), queryKey);
    schedule();
  });
  const stopReconnect = socket.onReconnect(() => {
    tellGap();
    void client.invalidateQueries();
  });
  return () => {
    stopped = true;
    stopNews();
    stopReconnect();
    clearTimeout(timer);
  };
}
