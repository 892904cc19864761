/** Ways in which saving a draft goes wrong and right again. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";

import { Autosave, PAUSE_MS, type Saved, type SaveState, type Stored } from "./autosave";

interface Note {
  note: string;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that holds one draft under a revision, and a page that saves to it. */
function makeWorld() {
  const world = {
    stored: null as Stored<Note> | null,
    states: [] as SaveState[],
    failures: [] as unknown[],
    sent: [] as string[],
  };
  const save = (draft: Note, revision: number): Promise<Saved> => {
    world.sent.push(draft.note);
    const failure = world.failures.shift();
    if (failure !== undefined) return Promise.reject(failure as Error);
    if ((world.stored?.revision ?? 0) !== revision) {
      return Promise.reject(new ApiError(409, "draft_changed", "Changed elsewhere."));
    }
    world.stored = { draft, revision: revision + 1, saved_at: "now" };
    return Promise.resolve(world.stored);
  };
  const autosave = new Autosave<Note>(
    {
      load: () => Promise.resolve(world.stored),
      save,
      onState: (state) => world.states.push(state),
      onRestore: () => undefined,
      onBase: () => undefined,
    },
    { note: "" },
    { note: "" },
    { revision: 0, isSaved: false },
  );
  return { world, autosave };
}

describe("a draft that cannot be saved at once", () => {
  it("is tried again when shortened, after an outage and a refusal", async () => {
    const { world, autosave } = makeWorld();
    autosave.start();
    await vi.advanceTimersByTimeAsync(10);
    world.failures.push(
      new ApiError(0, "unreachable", "No server."),
      new ApiError(413, "draft_too_large", "Too long."),
    );
    autosave.change({ note: "long" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 2_000);
    expect(world.states.at(-1)?.kind).toBe("refused");
    autosave.change({ note: "short" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.sent).toEqual(["long", "long", "short"]);
    expect(world.states.at(-1)?.kind).toBe("saved");
  });

  it("is not called changed elsewhere when the page comes back from the cache", async () => {
    const { world, autosave } = makeWorld();
    autosave.start();
    await vi.advanceTimersByTimeAsync(10);
    autosave.change({ note: "a" });
    autosave.leave(true);
    await vi.advanceTimersByTimeAsync(10);
    autosave.change({ note: "ab" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.stored?.draft.note).toBe("ab");
    expect(world.states.map(({ kind }) => kind)).not.toContain("changed");
    expect(world.states.at(-1)?.kind).toBe("saved");
  });

  it("is sent when the tab closes, though an earlier save still travels", async () => {
    const sent: string[] = [];
    const autosave = new Autosave<Note>(
      {
        load: () => Promise.resolve(null),
        save: ({ note }) => {
          sent.push(note);
          return new Promise(() => undefined);
        },
        onState: () => undefined,
        onRestore: () => undefined,
        onBase: () => undefined,
      },
      { note: "" },
      { note: "" },
      { revision: 0, isSaved: false },
    );
    autosave.start();
    await vi.advanceTimersByTimeAsync(10);
    autosave.change({ note: "a" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 10);
    autosave.change({ note: "ab" });
    autosave.leave(true);
    expect(sent).toEqual(["a", "ab"]);
  });

  it("is not sent behind the answer itself, and is again when that did not get through", async () => {
    const { world, autosave } = makeWorld();
    autosave.start();
    await vi.advanceTimersByTimeAsync(10);
    autosave.change({ note: "a" });
    autosave.hold();
    await vi.advanceTimersByTimeAsync(60_000);
    autosave.leave(true);
    expect(world.sent).toEqual([]);
    autosave.resume();
    await vi.advanceTimersByTimeAsync(10);
    expect(world.sent).toEqual(["a"]);
    autosave.change({ note: "ab" });
    autosave.hold();
    autosave.leave(false);
    expect(world.sent).toEqual(["a"]);
  });
});
