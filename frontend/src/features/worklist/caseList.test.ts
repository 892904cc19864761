import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";
import type { CaseRow } from "@/api/types";

import { CaseList, type FetchedPage, type FetchedRows, GATHER_MS } from "./caseList";

const row = (id: string, state: CaseRow["state"] = "ready") => ({ id, state }) as CaseRow;

function pageOf(ids: string[], cursor: string | null = null): FetchedPage {
  return {
    items: ids.map((id) => row(id)),
    next_cursor: cursor,
    total: ids.length,
    is_total_exact: cursor === null,
  };
}

/** A list whose server answers with what the test puts here. */
function makeList() {
  const server = {
    pages: new Map<string | null, FetchedPage>([[null, pageOf(["a", "b", "c"])]]),
    rows: (ids: readonly string[]): FetchedRows => ({
      items: ids.map((id) => row(id)),
      matching: ids,
    }),
    isDown: false,
    error: new Error("down"),
    pagesAsked: 0,
    asked: [] as (readonly string[])[],
  };
  const list = new CaseList({
    page: (cursor) => {
      const page = server.pages.get(cursor);
      server.pagesAsked += 1;
      if (server.isDown || page === undefined) return Promise.reject(server.error);
      return Promise.resolve(page);
    },
    rows: (ids) => {
      server.asked.push(ids);
      return server.isDown ? Promise.reject(server.error) : Promise.resolve(server.rows(ids));
    },
  });
  return { list, server };
}

async function shown() {
  const made = makeList();
  const stop = made.list.activate();
  await vi.advanceTimersByTimeAsync(0);
  return { ...made, stop };
}

/** The first pause is at most this long, and news is gathered after it. */
const FIRST_PAUSE_MS = 500 + GATHER_MS;
const settle = () => vi.advanceTimersByTimeAsync(GATHER_MS);

beforeEach(() => {
  vi.useFakeTimers();
  // Pauses have a random part: here each is the longest it may be.
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("rows on screen", () => {
  it("change in place, and do not move", async () => {
    const { list, server } = await shown();
    server.rows = () => ({ items: [row("b", "in_read")], matching: ["b"] });
    list.noteChange("b");
    await settle();
    expect(list.state().order).toEqual(["a", "b", "c"]);
    expect(list.state().rows.get("b")?.state).toBe("in_read");
  });

  it("stay, marked, when their case leaves the filter, and are unmarked when it is back", async () => {
    const { list, server } = await shown();
    server.rows = (ids) => ({ items: ids.map((id) => row(id, "done")), matching: [] });
    list.noteChange("b");
    await settle();
    expect(list.state().order).toEqual(["a", "b", "c"]);
    expect([...list.state().gone]).toEqual(["b"]);
    server.rows = (ids) => ({ items: ids.map((id) => row(id)), matching: ids });
    list.noteChange("b");
    await settle();
    expect(list.state().gone.size).toBe(0);
  });

  it("do not move for a new case, which waits until the reader asks", async () => {
    const { list, server } = await shown();
    list.noteChange("x");
    await settle();
    expect(list.state().order).toEqual(["a", "b", "c"]);
    expect(list.state().waiting).toEqual(["x"]);
    server.pages.set(null, pageOf(["x", "a", "b", "c"]));
    await list.load();
    expect(list.state().order).toEqual(["x", "a", "b", "c"]);
    expect(list.state().waiting).toEqual([]);
  });

  it("do not wait for a case that the filter keeps out", async () => {
    const { list, server } = await shown();
    server.rows = (ids) => ({ items: ids.map((id) => row(id)), matching: [] });
    list.noteChange("x");
    await settle();
    expect(list.state().waiting).toEqual([]);
  });

  it("go on with the next page, each row once", async () => {
    const { list, server } = makeList();
    server.pages.set(null, pageOf(["a", "b"], "2"));
    server.pages.set("2", pageOf(["b", "c"]));
    list.activate();
    await vi.advanceTimersByTimeAsync(0);
    expect(list.state().hasMore).toBe(true);
    // Scrolling asks often; one page is fetched once.
    await Promise.all([list.loadMore(), list.loadMore()]);
    expect(list.state().order).toEqual(["a", "b", "c"]);
    expect(list.state().hasMore).toBe(false);
  });
});

describe("news", () => {
  it("in a burst is one question of at most 200 rows", async () => {
    const { list, server } = await shown();
    for (let at = 0; at < 250; at += 1) list.noteChange(`n-${at}`);
    await settle();
    expect(server.asked.map((ids) => ids.length)).toEqual([200]);
    await settle();
    expect(server.asked.map((ids) => ids.length)).toEqual([200, 50]);
  });

  it("while the list is off screen waits until it is back", async () => {
    const { list, server, stop } = await shown();
    stop();
    list.noteChange("b");
    await settle();
    expect(server.asked).toEqual([]);
    list.activate();
    await settle();
    expect(server.asked).toEqual([["b"]]);
  });

  it("after a gap asks for what is on screen and finds what is new", async () => {
    const { list, server } = await shown();
    list.look(["a", "b"]);
    server.pages.set(null, pageOf(["new", "a", "b", "c"]));
    list.refresh();
    await settle();
    expect(server.asked).toEqual([["a", "b"]]);
    expect(list.state().waiting).toEqual(["new"]);
    expect(list.state().order).toEqual(["a", "b", "c"]);
  });
});

describe("a server that does not answer", () => {
  it("is an error while there is nothing to show", async () => {
    const { list, server } = makeList();
    server.isDown = true;
    list.activate();
    await vi.advanceTimersByTimeAsync(0);
    expect(list.state().error).toBeInstanceOf(Error);
    server.isDown = false;
    list.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(list.state().error).toBeNull();
    expect(list.state().order).toHaveLength(3);
  });

  it("leaves the rows, says that they may be old, and is asked again", async () => {
    const { list, server } = await shown();
    server.isDown = true;
    list.noteChange("b");
    await settle();
    expect(list.state().isStale).toBe(true);
    expect(list.state().order).toHaveLength(3);
    server.isDown = false;
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE_MS);
    expect(list.state().isStale).toBe(false);
  });

  it("is asked less and less often, however much news comes", async () => {
    const { list, server } = await shown();
    server.isDown = true;
    list.noteChange("a");
    for (let second = 0; second < 60; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      list.noteChange("b");
      list.refresh();
    }
    // Rows, and what is new: each once a pause, which has reached 10 to 20 s.
    expect(server.asked.length).toBeGreaterThan(3);
    expect(server.asked.length).toBeLessThan(12);
    expect(server.pagesAsked).toBeLessThan(14);
    server.isDown = false;
    server.pages.set(null, pageOf(["new", "a", "b", "c"]));
    await vi.advanceTimersByTimeAsync(21_000);
    expect(list.state().isStale).toBe(false);
    expect(list.state().waiting).toEqual(["new"]);
    const before = server.asked.length;
    list.noteChange("c");
    await settle();
    expect(server.asked.length).toBe(before + 1);
  });

  it("owes what is new, though it tells of the rows", async () => {
    const { list, server } = await shown();
    list.look(["a"]);
    server.pages.delete(null);
    list.refresh();
    await settle();
    expect(server.asked).toEqual([["a"]]);
    expect(list.state().isStale).toBe(true);
    server.pages.set(null, pageOf(["new", "a", "b", "c"]));
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE_MS);
    expect(list.state().waiting).toEqual(["new"]);
    expect(list.state().isStale).toBe(false);
  });

  it("is left alone for as long as it asks", async () => {
    const { list, server } = await shown();
    server.isDown = true;
    server.error = new ApiError(503, "try_again", "Busy.", 40_000);
    list.noteChange("a");
    await vi.advanceTimersByTimeAsync(39_000);
    expect(server.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.asked).toHaveLength(2);
  });

  it("is not asked again what it has refused, and is asked what comes after", async () => {
    const { list, server } = await shown();
    server.isDown = true;
    server.error = new ApiError(422, "opinion_filter", "Not on a blind worklist.");
    list.noteChange("a");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toEqual([["a"]]);
    expect(list.state().isStale).toBe(true);
    server.isDown = false;
    list.noteChange("b");
    await settle();
    expect(server.asked).toEqual([["a"], ["b"]]);
  });

  it("owes the next page, which comes without another scroll", async () => {
    const { list, server } = makeList();
    server.pages.set(null, pageOf(["a", "b"], "2"));
    list.activate();
    await vi.advanceTimersByTimeAsync(0);
    await list.loadMore();
    expect(list.state()).toMatchObject({ hasMore: true, isStale: true });
    server.pages.set("2", pageOf(["c"]));
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE_MS);
    expect(list.state().order).toEqual(["a", "b", "c"]);
    expect(list.state()).toMatchObject({ hasMore: false, isStale: false });
  });

  it("keeps no place for a page that it refused", async () => {
    const { list, server } = makeList();
    server.pages.set(null, pageOf(["a", "b"], "2"));
    list.activate();
    await vi.advanceTimersByTimeAsync(0);
    server.error = new ApiError(422, "bad_cursor", "Load it again.");
    await list.loadMore();
    expect(list.state()).toMatchObject({ hasMore: false, isStale: true });
    const before = server.pagesAsked;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.pagesAsked).toBe(before);
  });

  it("is asked nothing more once the list is off screen", async () => {
    const { list, server, stop } = await shown();
    server.isDown = true;
    list.noteChange("a");
    await settle();
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(1);
    server.isDown = false;
    list.activate();
    await settle();
    expect(server.asked).toEqual([["a"], ["a"]]);
  });
});
