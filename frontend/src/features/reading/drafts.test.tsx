import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";

import { Autosave, PAUSE_MS, retryDelayMs, type Base, type SaveState } from "./autosave";
import {
  forgetAllDrafts,
  forgetDrafts,
  forgetOthers,
  keepDrafts,
  loadDrafts,
  nothingKept,
} from "./drafts";
import { Kept } from "./Kept";
import { emptyDrafts } from "./machine";

const kept = {
  ...nothingKept,
  drafts: { ...emptyDrafts, read: { ...emptyDrafts.read, answer: "suspicious" as const } },
};
const CHANGED = () => new ApiError(409, "draft_changed", "changed elsewhere");
const UNREACHABLE = () => new ApiError(0, "unreachable", "gone");

beforeEach(() => sessionStorage.clear());

describe("drafts in this tab", () => {
  it("come back after a reload, per person and case, and go with the seal", () => {
    expect(keepDrafts("alice", "case-1", kept)).toBe(true);
    expect(loadDrafts("alice", "case-1")).toEqual(kept);
    expect(loadDrafts("alice", "case-2")).toEqual(nothingKept);
    expect(loadDrafts("bob", "case-1")).toEqual(nothingKept);
    forgetDrafts("case-1");
    expect(loadDrafts("alice", "case-1")).toEqual(nothingKept);
  });

  it("are wiped at sign-out, and when another person signs in; other things stay", () => {
    sessionStorage.setItem("other", "stays");
    keepDrafts("alice", "case-1", kept);
    keepDrafts("bob", "case-1", kept);
    forgetOthers("bob");
    expect(loadDrafts("alice", "case-1")).toEqual(nothingKept);
    expect(loadDrafts("bob", "case-1")).toEqual(kept);
    forgetAllDrafts();
    expect(loadDrafts("bob", "case-1")).toEqual(nothingKept);
    expect(sessionStorage.getItem("other")).toBe("stays");
  });

  it("are not called kept when the browser refuses", () => {
    const full = {
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    } as unknown as Storage;
    const forgetful = { setItem: () => undefined, getItem: () => null } as unknown as Storage;
    expect(keepDrafts("alice", "c", kept, full)).toBe(false);
    expect(keepDrafts("alice", "c", kept, forgetful)).toBe(false);
  });

  it("that cannot be read count as none", () => {
    sessionStorage.setItem("truefilm.read.alice.broken", "{");
    expect(loadDrafts("alice", "broken")).toEqual(nothingKept);
  });
});

/** A server with one draft, and a page that keeps one on it. */
function desk(draft = "", base: Base = { revision: 0, isSaved: false }) {
  const server = {
    held: null as { draft: string; revision: number; saved_at: string } | null,
    fails: [] as Error[],
    losesAnswer: false,
    saves: [] as string[],
  };
  const seen: SaveState[] = [];
  const restored: string[] = [];
  const bases: Base[] = [];
  const page = new Autosave<string>(
    {
      load: async () => {
        const failure = server.fails.shift();
        if (failure) throw failure;
        await Promise.resolve();
        return server.held;
      },
      save: async (text, revision) => {
        server.saves.push(text);
        const failure = server.fails.shift();
        if (failure) throw failure;
        await Promise.resolve();
        const held = server.held;
        if (held?.draft !== text) {
          if ((held?.revision ?? 0) !== revision) throw CHANGED();
          server.held = { draft: text, revision: (held?.revision ?? 40) + 1, saved_at: "t" };
        }
        if (server.losesAnswer) {
          server.losesAnswer = false;
          throw UNREACHABLE();
        }
        return server.held as { revision: number; saved_at: string };
      },
      onState: (state) => seen.push(state),
      onRestore: (text) => restored.push(text),
      onBase: (revision, isSaved) => bases.push({ revision, isSaved }),
    },
    draft,
    "",
    base,
  );
  return { server, page, restored, bases, state: () => seen.at(-1)?.kind };
}

describe("a draft on the server", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

  it("is saved once the reader pauses, and called saved only then", async () => {
    const { server, page, state } = desk();
    page.start();
    await pass();
    page.change("a");
    page.change("ab");
    await pass(PAUSE_MS - 1);
    expect([server.saves, state()]).toEqual([[], "saving"]);
    await pass(1);
    expect([server.saves, state()]).toEqual([["ab"], "saved"]);
  });

  it("that cannot be sent is never called saved, and is sent again, later each time", async () => {
    const { server, page, state } = desk();
    page.start();
    await pass();
    server.fails = [UNREACHABLE(), new ApiError(503, "try_again", "busy"), UNREACHABLE()];
    page.change("a");
    await pass(PAUSE_MS);
    expect(state()).toBe("waiting");
    page.change("ab");
    expect(state()).toBe("waiting");
    await pass(1_000);
    await pass(2_000);
    expect(state()).toBe("waiting");
    expect(server.held).toBeNull();
    await pass(4_000);
    expect([server.held?.draft, state()]).toEqual(["ab", "saved"]);
    expect([0, 3, 20].map((n) => retryDelayMs(n, () => 1))).toEqual([1_000, 8_000, 30_000]);
  });

  it("is sent at once when the browser is online again", async () => {
    const { server, page, state } = desk();
    page.start();
    await pass();
    server.fails = [UNREACHABLE()];
    page.change("a");
    await pass(PAUSE_MS);
    page.retryNow();
    await pass();
    expect([server.held?.draft, state()]).toEqual(["a", "saved"]);
  });

  it("waits for the server to be asked first what it holds", async () => {
    const { server, page, state } = desk("typed");
    server.held = { draft: "typed before", revision: 7, saved_at: "t" };
    server.fails = [UNREACHABLE()];
    page.start();
    await pass();
    expect([server.saves, state()]).toEqual([[], "waiting"]);
    await pass(1_000);
    expect([server.saves, state()]).toEqual([[], "changed"]);
  });

  it("of another machine is restored where nothing was entered", async () => {
    const { server, page, restored, bases, state } = desk();
    server.held = { draft: "from there", revision: 7, saved_at: "t" };
    page.start();
    await pass();
    expect([restored, bases.at(-1), state()]).toEqual([
      ["from there"],
      { revision: 7, isSaved: true },
      "saved",
    ]);
    expect(server.saves).toEqual([]);
  });

  it("is restored over an older one that this tab had saved, but not over one it had not", async () => {
    for (const [isSaved, expected] of [
      [true, ["from there"]],
      [false, []],
    ] as const) {
      const { server, page, restored } = desk("from here", { revision: 6, isSaved });
      server.held = { draft: "from there", revision: 7, saved_at: "t" };
      page.start();
      await pass();
      expect(restored).toEqual(expected);
      expect(server.held.draft).toBe("from there");
    }
  });

  it("typed before the server answered is not lost to what the server holds", async () => {
    const { server, page, restored, state } = desk("old", { revision: 6, isSaved: true });
    server.held = { draft: "from there", revision: 7, saved_at: "t" };
    page.start();
    page.change("old and new");
    await pass(PAUSE_MS);
    expect([restored, state()]).toEqual([[], "changed"]);
  });

  it("that this tab changed after its last save is sent when the page is opened again", async () => {
    const { server, page, state } = desk("newer", { revision: 7, isSaved: false });
    server.held = { draft: "older", revision: 7, saved_at: "t" };
    page.start();
    await pass();
    expect([server.held.draft, state()]).toEqual(["newer", "saved"]);
  });

  it("that two tabs change is saved by neither until the reader chooses", async () => {
    const { server, page, restored, state } = desk();
    page.start();
    await pass();
    page.change("mine");
    server.held = { draft: "theirs", revision: 50, saved_at: "t" };
    await pass(PAUSE_MS + 1);
    expect([server.held.draft, state()]).toEqual(["theirs", "changed"]);
    page.change("mine, more");
    page.retryNow();
    await pass(60_000);
    expect([server.held.draft, restored, state()]).toEqual(["theirs", [], "changed"]);
    page.keepMine();
    await pass();
    expect([server.held.draft, state()]).toEqual(["mine, more", "saved"]);
  });

  it("of the other tab is taken when the reader says so", async () => {
    const { server, page, restored, state } = desk("mine");
    server.held = { draft: "theirs", revision: 50, saved_at: "t" };
    page.start();
    await pass();
    page.takeTheirs();
    await pass();
    expect([restored, server.held.draft, state()]).toEqual([["theirs"], "theirs", "saved"]);
    page.change("theirs, more");
    await pass(PAUSE_MS);
    expect([server.held.revision, state()]).toEqual([51, "saved"]);
  });

  it("whose save was answered to nobody is not taken for another tab's", async () => {
    const { server, page, state } = desk();
    page.start();
    await pass();
    server.losesAnswer = true;
    page.change("a");
    await pass(PAUSE_MS);
    expect([server.held?.draft, state()]).toEqual(["a", "waiting"]);
    page.change("ab");
    await pass(2_000);
    expect([server.held?.draft, state()]).toEqual(["ab", "saved"]);
  });

  it("ends with the seal: a late save is refused and not tried again", async () => {
    const { server, page, state } = desk();
    page.start();
    await pass();
    server.fails = [new ApiError(409, "already_sealed", "sealed")];
    page.change("late");
    await pass(PAUSE_MS);
    expect(state()).toBe("ended");
    page.change("later");
    await pass(60_000);
    expect(server.saves).toEqual(["late"]);
  });

  it("that the server refuses is said so, and tried again only when it has changed", async () => {
    const { server, page, state } = desk();
    page.start();
    await pass();
    server.fails = [new ApiError(413, "draft_too_large", "too large")];
    page.change("large");
    await pass(60_000);
    expect([server.saves, state()]).toEqual([["large"], "refused"]);
    page.change("small");
    await pass(PAUSE_MS);
    expect([server.held?.draft, state()]).toEqual(["small", "saved"]);
  });

  it("is sent when the reader leaves, once, and says nothing any more", async () => {
    const { server, page, bases } = desk();
    page.start();
    await pass();
    page.change("last words");
    const told = bases.length;
    page.leave(false);
    await pass(60_000);
    expect([server.saves, server.held?.draft]).toEqual([["last words"], "last words"]);
    expect(bases).toHaveLength(told);
  });
});

describe("what the page says of it", () => {
  const acts = { onRetry: vi.fn(), onKeepMine: vi.fn(), onTakeTheirs: vi.fn() };

  it.each([
    [{ kind: "saving" }, true, /^Saving the draft…$/],
    [{ kind: "waiting" }, true, /^Not saved yet, will retry\. It is kept in this tab\.$/],
    [{ kind: "waiting" }, false, /^Not saved yet, will retry\. A reload would lose it\.$/],
    [{ kind: "refused", why: "Too large." }, true, /^Not saved\. Too large\./],
    [{ kind: "saved", at: "2026-11-23T19:04:31" }, true, /^Draft saved 19:04:31\. Only you/],
  ] as const)("%o, in tab %s", (state, inTab, words) => {
    render(<Kept kept={{ state, inTab, ...acts }} />);
    const said = screen.getByText(words);
    if (state.kind !== "saved") expect(said.textContent).not.toMatch(/draft saved/i);
  });

  it("offers both drafts where two differ", async () => {
    render(<Kept kept={{ state: { kind: "changed" }, inTab: true, ...acts }} />);
    await userEvent.click(screen.getByRole("button", { name: "Keep what is here" }));
    await userEvent.click(screen.getByRole("button", { name: "Take the other draft" }));
    expect(acts.onKeepMine).toHaveBeenCalledOnce();
    expect(acts.onTakeTheirs).toHaveBeenCalledOnce();
  });
});
