import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { MeProvider } from "@/api/session";
import type { CaseDetail, DraftOut, Me } from "@/api/types";

import { loadDrafts } from "./drafts";
import { Kept } from "./Kept";
import { emptyDrafts } from "./machine";
import { draftBody, draftFrom, useDrafts } from "./useDrafts";

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.restoreAllMocks());

describe("the reading page", () => {
  const me = { id: "alice", permissions: [] } as unknown as Me;
  const detail = { id: "c-1", first_read: null, verdict: null } as unknown as CaseDetail;
  const stored: DraftOut = {
    ...draftBody({ ...emptyDrafts.read, answer: "authentic", note: "grain" }, 9),
    step: "read",
    saved_at: "2026-11-23T08:00:00Z",
  };

  function Page() {
    const { drafts, dispatch, kept: state, hold } = useDrafts(detail);
    return (
      <>
        <output>{drafts.read.note}</output>
        <button onClick={() => dispatch({ type: "note", step: "read", note: "mine" })}>
          type
        </button>
        <button onClick={hold}>seal</button>
        <Kept kept={state} />
      </>
    );
  }

  function open() {
    return render(
      <MeProvider value={me}>
        <Page />
      </MeProvider>,
    );
  }

  function serve(): unknown[] {
    const bodies: unknown[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation((_input, init) => {
      if (init?.method !== "PUT") {
        return Promise.resolve(Response.json({ read: stored, verdict: null }));
      }
      bodies.push(JSON.parse(init.body as string));
      return Promise.resolve(Response.json({ ...stored, revision: 10 }));
    });
    return bodies;
  }

  it("restores the reader's draft, keeps a change at once in the tab, then saves it", async () => {
    const bodies = serve();
    open();
    expect(await screen.findByText("grain")).toBeInTheDocument();
    act(() => screen.getByRole("button", { name: "type" }).click());
    expect(loadDrafts("alice", "c-1").drafts.read.note).toBe("mine");
    expect(loadDrafts("alice", "c-1").bases.read).toEqual({ revision: 9, isSaved: false });
    await vi.waitFor(() => expect(bodies).toHaveLength(1), 3_000);
    expect(bodies[0]).toMatchObject({ revision: 9, note: "mine", answer: "authentic" });
    expect(loadDrafts("alice", "c-1").bases.read).toEqual({ revision: 10, isSaved: true });
  });

  it("sends what is not saved when it is left, but not behind the answer itself", async () => {
    for (const [isAnswering, saves] of [
      [false, 1],
      [true, 0],
    ] as const) {
      sessionStorage.clear();
      const bodies = serve();
      const { unmount } = open();
      await screen.findByText("grain");
      act(() => screen.getByRole("button", { name: "type" }).click());
      if (isAnswering) act(() => screen.getByRole("button", { name: "seal" }).click());
      unmount();
      expect(bodies).toHaveLength(saves);
      vi.restoreAllMocks();
    }
  });

  it("understands what the server kept, field for field", () => {
    const read = { ...emptyDrafts.read, answer: "suspicious" as const, confidence: 4 };
    const verdict = { ...emptyDrafts.verdict, changedMindCode: "slip" };
    for (const [step, draft] of [
      ["read", read],
      ["verdict", verdict],
    ] as const) {
      const out = { ...draftBody(draft, 1), step, saved_at: "" };
      expect(JSON.stringify(draftFrom(step, out))).toBe(JSON.stringify(draft));
    }
  });
});
