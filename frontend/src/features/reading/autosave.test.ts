/** Ways in which saving a draft goes wrong and right again. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";

import {
  Autosave,
  endAll,
  PAUSE_MS,
  saveAllNow,
  type Saved,
  type SaveState,
  type Stored,
} from "./autosave";

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
    bases: [] as number[],
    gate: null as Promise<void> | null,
  };
  const save = async (draft: Note, revision: number): Promise<Saved> => {
    world.sent.push(draft.note);
    if (world.gate !== null) await world.gate;
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
      onBase: (revision) => world.bases.push(revision),
    },
    { note: "" },
    { note: "" },
    { revision: 0, isSaved: false },
  );
  return { world, autosave };
}

describe("signing out", () => {
  it("saves at once what is not saved, and what was typed while a save travelled", async () => {
    const { world, autosave } = makeWorld();
    autosave.start();
    await vi.advanceTimersByTimeAsync(10);
    autosave.change({ note: "a" });
    let arrive = (): void => undefined;
    world.gate = new Promise((resolve) => {
      arrive = resolve;
    });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    autosave.change({ note: "ab" });
    const saving = saveAllNow(1_000);
    await vi.advanceTimersByTimeAsync(10);
    expect(world.sent).toEqual(["a"]);
    world.gate = null;
    arrive();
    expect(await saving).toBe(true);
    expect(world.sent).toEqual(["a", "ab"]);
    expect(world.stored?.draft.note).toBe("ab");
    autosave.leave(false);
    expect(await saveAllNow(1_000)).toBe(true);
    expect(world.sent).toHaveLength(2);
  });

  it("tells where a draft could not be saved, and does not wait for ever", async () => {
    const { world, autosave } = makeWorld();
    autosave.start();
    await vi.advanceTimersByTimeAsync(10);
    world.failures.push(new ApiError(0, "unreachable", "No server."));
    autosave.change({ note: "a" });
    expect(await saveAllNow(1_000)).toBe(false);
    world.gate = new Promise(() => undefined);
    const late = saveAllNow(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await late).toBe(false);
    endAll();
  });

  it("ends a save that is under way: what comes of it is told to nobody", async () => {
    const { world, autosave } = makeWorld();
    autosave.start();
    await vi.advanceTimersByTimeAsync(10);
    autosave.change({ note: "a" });
    await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
    world.bases.length = 0;
    void saveAllNow(1_000);
    endAll();
    await vi.advanceTimersByTimeAsync(60_000);
    autosave.change({ note: "ab" });
    autosave.leave(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.bases).toEqual([]);
    expect(world.sent.length).toBeLessThan(2);
  });
});

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
