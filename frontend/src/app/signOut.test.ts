import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { keepDrafts, loadDrafts, nothingKept } from "@/features/reading/drafts";
import { emptyDrafts } from "@/features/reading/machine";

import { followSignOut, signOut } from "./signOut";

const KEPT = {
  ...nothingKept,
  drafts: { ...emptyDrafts, read: { ...emptyDrafts.read, note: "Grain." } },
};

beforeEach(() => {
  sessionStorage.clear();
  HTMLFormElement.prototype.submit = () => undefined;
});
afterEach(() => document.body.replaceChildren());

describe("signing out", () => {
  it("wipes the drafts of the other tabs and makes them leave", async () => {
    const leave = vi.fn();
    const stop = followSignOut(leave);
    signOut();
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
    signOut();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(leave).not.toHaveBeenCalled();
    channel.close();
  });
});
