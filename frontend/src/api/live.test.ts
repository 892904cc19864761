import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { followNews, staleKeys } from "./live";
import type { CaseRow, CountedPage } from "./types";
import type { EventSocket, News } from "./ws";

function fakeSocket() {
  const news = new Set<(news: News) => void>();
  const reconnects = new Set<() => void>();
  const socket = {
    onNews: (listener: (news: News) => void) => {
      news.add(listener);
      return () => news.delete(listener);
    },
    onReconnect: (listener: () => void) => {
      reconnects.add(listener);
      return () => reconnects.delete(listener);
    },
  } as unknown as EventSocket;
  return {
    socket,
    say: (item: News) => news.forEach((listener) => listener(item)),
    reconnect: () => reconnects.forEach((listener) => listener()),
  };
}

const changed: News = { kind: "case.changed", id: "c-1", version: 2, worklist: "blind" };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("a changed case makes its worklist and itself stale, and no other worklist", () => {
  const stale = JSON.stringify(staleKeys(changed));
  expect(stale).toContain('["cases","blind"]');
  expect(stale).toContain('["case","c-1"]');
  expect(stale).not.toContain("triage");
});

it("who is on a case is asked again, and nothing else, when someone comes or goes", () => {
  expect(staleKeys({ kind: "presence.changed", id: "c-1", version: 0 })).toEqual([
    ["case", "c-1", "presence"],
  ]);
});

it("a burst of news becomes one round of fetches", async () => {
  const client = new QueryClient();
  const { socket, say } = fakeSocket();
  const asked = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  followNews(client, socket);
  for (let index = 0; index < 50; index += 1) say(changed);
  expect(asked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toHaveBeenCalledTimes(staleKeys(changed).length);
});

it("news during a slow round waits for it, and is not lost", async () => {
  const client = new QueryClient();
  const { socket, say } = fakeSocket();
  let finish: () => void = () => undefined;
  const asked = vi
    .spyOn(client, "invalidateQueries")
    .mockImplementation(() => new Promise<void>((resolve) => (finish = resolve)));
  followNews(client, socket);
  say({ kind: "upload.changed", id: "u-1", version: 1 });
  await vi.advanceTimersByTimeAsync(300);
  say({ kind: "upload.changed", id: "u-1", version: 2 });
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveBeenCalledTimes(1);
  finish();
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toHaveBeenCalledTimes(2);
});

it("progress changes the row on screen and asks the server nothing", async () => {
  const client = new QueryClient();
  const { socket, say } = fakeSocket();
  const row = (id: string) => ({ id, progress: { done: 1, total: 6 } }) as CaseRow;
  const page: CountedPage<CaseRow> = {
    items: [row("c-1"), row("c-2")],
    next_cursor: null,
    total: 2,
  };
  client.setQueryData(["cases", "blind", {}], { pages: [page], pageParams: [null] });
  const asked = vi.spyOn(client, "invalidateQueries");
  followNews(client, socket);
  say({ kind: "case.progress", id: "c-2", version: 3, worklist: "blind", done: 4, total: 6 });
  await vi.advanceTimersByTimeAsync(1000);
  const held = client.getQueryData<{ pages: CountedPage<CaseRow>[] }>(["cases", "blind", {}]);
  expect(held?.pages[0]?.items.map(({ progress }) => progress.done)).toEqual([1, 4]);
  expect(asked).not.toHaveBeenCalled();
});

it("everything is fetched again after a gap in the connection", () => {
  const client = new QueryClient();
  const { socket, reconnect } = fakeSocket();
  const asked = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  followNews(client, socket);
  reconnect();
  expect(asked).toHaveBeenCalledWith();
});
