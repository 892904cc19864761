import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keepDrafts, loadDrafts, nothingKept } from "@/features/reading/drafts";
import { emptyDrafts } from "@/features/reading/machine";

import { followSignOut, signOut } from "./signOut";

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

  it.each([
    ["is out of reach", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["refuses", () => Promise.resolve({ type: "basic", status: 403 })],
  ])("leaves it to the browser where the server %s, and no tab leaves", async (_, refuses) => {
    answer = refuses;
    const leave = vi.fn();
    const stop = followSignOut(leave);
    keepDrafts("u-1", "c-1", KEPT);
    await signOut(leave);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(submit).toHaveBeenCalledOnce();
    expect(leave).not.toHaveBeenCalled();
    expect(loadDrafts("u-1", "c-1")).toEqual(nothingKept);
    stop();
  });
});
