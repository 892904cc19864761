import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

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
    asked: [] as (readonly string[])[],
  };
  const list = new CaseList({
    page: (cursor) => {
      const page = server.pages.get(cursor);
      if (server.isDown || page === undefined) return Promise.reject(new Error("down"));
      return Promise.resolve(page);
    },
    rows: (ids) => {
      server.asked.push(ids);
      return server.isDown
        ? Promise.reject(new Error("down"))
        : Promise.resolve(server.rows(ids));
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

const settle = () => vi.advanceTimersByTimeAsync(GATHER_MS);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

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
    await settle();
    expect(list.state().isStale).toBe(false);
  });
});
