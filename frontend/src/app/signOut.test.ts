import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Autosave } from "@/features/reading/autosave";
import { keepDrafts, loadDrafts, nothingKept } from "@/features/reading/drafts";
import { emptyDrafts } from "@/features/reading/machine";
import { tell } from "@/ui/toast";

import { followSignOut, signOut } from "./signOut";

vi.mock("@/ui/toast", () => ({ tell: vi.fn() }));

const KEPT = {
  ...nothingKept,
  drafts: { ...emptyDrafts, read: { ...emptyDrafts.read, note: "Grain." } },
};

const submit = vi.fn();
const asked: string[] = [];
let answer: () => Promise<unknown>;
const nowhere = () => undefined;

beforeEach(() => {
  sessionStorage.clear();
  HTMLFormElement.prototype.submit = submit;
  submit.mockClear();
  answer = () => Promise.resolve({ type: "opaqueredirect" });
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    return answer();
  });
  asked.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

describe("signing out", () => {
  it("wipes the drafts of the other tabs and makes them leave", async () => {
    const leave = vi.fn();
    const stop = followSignOut(leave);
    const own = vi.fn();
    await signOut(own);
    expect(asked).toEqual(["POST /logout/"]);
    expect(own).toHaveBeenCalledOnce();
    // The other tab has storage of its own, which the signing-out tab cannot reach.
    keepDrafts("u-1", "c-1", KEPT);
    await vi.waitFor(() => expect(leave).toHaveBeenCalledOnce());
    expect(loadDrafts("u-1", "c-1")).toEqual(nothingKept);
    // Kept once more by a page that is being left.
    keepDrafts("u-1", "c-1", KEPT);
    window.dispatchEvent(new Event("pagehide"));
    expect(loadDrafts("u-1", "c-1")).toEqual(nothingKept);
    stop();
  });

  it("leaves a tab alone that no longer follows, and other words of the channel", async () => {
    const leave = vi.fn();
    const stop = followSignOut(leave);
    const channel = new BroadcastChannel("truefilm.session");
    channel.postMessage("something else");
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop();
    await signOut(nowhere);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(leave).not.toHaveBeenCalled();
    channel.close();
  });

  it("saves first, and wipes what a save that was under way would keep again", async () => {
    const order: string[] = [];
    const autosave = new Autosave<string>(
      {
        load: () => Promise.resolve(null),
        save: (draft) => {
          order.push(`save ${draft}`);
          return Promise.resolve({ revision: 1, saved_at: "now" });
        },
        onState: () => undefined,
        onRestore: () => undefined,
        onBase: () => keepDrafts("u-1", "c-1", KEPT),
      },
      "",
      "",
      { revision: 0, isSaved: false },
    );
    answer = () => {
      order.push("sign out");
      // Typed while the server was asked.
      autosave.change("Grain, and noise.");
      return Promise.resolve({ type: "opaqueredirect" });
    };
    autosave.start();
    autosave.change("Grain.");
    await signOut(() => order.push("leave"));
    expect(order).toEqual(["save Grain.", "sign out", "leave"]);
    autosave.change("Grain, noise, and more.");
    expect(loadDrafts("u-1", "c-1")).toEqual(nothingKept);
    // The page itself keeps once more as it is left.
    keepDrafts("u-1", "c-1", KEPT);
    window.dispatchEvent(new Event("pagehide"));
    expect(loadDrafts("u-1", "c-1")).toEqual(nothingKept);
  });

  it("out of the server's reach wipes nothing, and says so: the person is still there", async () => {
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    const leave = vi.fn();
    const stop = followSignOut(leave);
    keepDrafts("u-1", "c-1", KEPT);
    await signOut(leave);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tell).toHaveBeenCalledWith(expect.stringMatching(/still signed in/), "problem");
    expect(submit).not.toHaveBeenCalled();
    expect(leave).not.toHaveBeenCalled();
    expect(loadDrafts("u-1", "c-1")).toEqual(KEPT);
    stop();
  });

  it.each([
    ["wipes what the server has", true, nothingKept],
    ["keeps what the server has not", false, KEPT],
  ])("that is refused is left to the browser, and %s", async (_, isSaved, left) => {
    answer = () => Promise.resolve({ type: "basic", status: 403 });
    const autosave = new Autosave<string>(
      {
        load: () => Promise.resolve(null),
        save: () =>
          isSaved
            ? Promise.resolve({ revision: 1, saved_at: "now" })
            : Promise.reject(new TypeError("Failed to fetch")),
        onState: () => undefined,
        onRestore: () => undefined,
        onBase: () => undefined,
      },
      "",
      "",
      { revision: 0, isSaved: false },
    );
    autosave.start();
    autosave.change("Grain.");
    const leave = vi.fn();
    const stop = followSignOut(leave);
    keepDrafts("u-1", "c-1", KEPT);
    await signOut(leave);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(submit).toHaveBeenCalledOnce();
    expect(leave).not.toHaveBeenCalled();
    expect(loadDrafts("u-1", "c-1")).toEqual(left);
    autosave.end();
    stop();
  });
});
