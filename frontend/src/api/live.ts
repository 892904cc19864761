/** Turns news into fetches: which queries each kind of event makes stale. */
import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";

import { keys } from "./queries";
import type { CaseDetail, CaseRow, CountedPage } from "./types";
import type { EventSocket, News } from "./ws";

/** A burst of lane results must not become a burst of fetches. */
const GATHER_MS = 300;

/** The queries that `news` makes stale. Progress needs none: its numbers travel with it. */
export function staleKeys(news: News): QueryKey[] {
  switch (news.kind) {
    case "case.changed":
      return [["cases", news.worklist], keys.case(news.id), keys.worklists, keys.insights];
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

/** Write the progress that came with the news straight into the rows on screen. */
function applyProgress(
  client: QueryClient,
  news: Extract<News, { kind: "case.progress" }>,
): void {
  const progress = { done: news.done, total: news.total };
  client.setQueriesData<CasePages>({ queryKey: ["cases", news.worklist] }, (pages) =>
    pages === undefined
      ? pages
      : {
          ...pages,
          pages: pages.pages.map((page) =>
            page.items.some((row) => row.id === news.id)
              ? {
                  ...page,
                  items: page.items.map((row) =>
                    row.id === news.id ? { ...row, progress } : row,
                  ),
                }
              : page,
          ),
        },
  );
  client.setQueryData<CaseDetail>(keys.case(news.id), (detail) =>
    detail === undefined ? detail : { ...detail, progress },
  );
}

/** Keep `client` fresh from `socket`; returns how to stop. */
export function followNews(client: QueryClient, socket: EventSocket): () => void {
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    timer = undefined;
    for (const queryKey of waiting.values()) void client.invalidateQueries({ queryKey });
    waiting.clear();
  };
  const stopNews = socket.onNews((news) => {
    if (news.kind === "case.progress") applyProgress(client, news);
    for (const queryKey of staleKeys(news)) waiting.set(JSON.stringify(queryKey), queryKey);
    if (waiting.size > 0) timer ??= setTimeout(flush, GATHER_MS);
  });
  const stopReconnect = socket.onReconnect(() => void client.invalidateQueries());
  return () => {
    stopNews();
    stopReconnect();
    clearTimeout(timer);
  };
}
