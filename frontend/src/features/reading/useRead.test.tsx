/** Sending an answer whose answer is lost, or comes when the reader has gone elsewhere. */
import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, renderHook, waitFor } from "@testing-library/react";
import { useEffect, type ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import type { CaseDetail, CaseEvidence, RegionIn } from "@/api/types";
import { announce } from "@/ui/announce";
import { tell } from "@/ui/toast";

import { emptyDrafts, isSameAnswer, type Drafts } from "./machine";
import { useFile, useSeal } from "./useRead";

vi.mock("@/imaging/cornerstone", () => ({ films: { prefetch: () => undefined } }));
vi.mock("@/ui/toast", () => ({ tell: vi.fn() }));
vi.mock("@/ui/announce", () => ({ announce: vi.fn() }));

const REGION: RegionIn & { frame: number } = {
  image_id: "i-1",
  frame: 0,
  kind: "box",
  points: [
    [1, 2],
    [3, 4],
  ],
};
const MARKS = { reason_codes: ["b", "a"], regions: [REGION], note: "Grain." };
const READ = {
  ...MARKS,
  answer: "suspicious",
  confidence: 4,
  sealed_at: "2026-11-23T08:00:00Z",
  log_position: 7,
};
const VERDICT = {
  ...MARKS,
  decision: "confirm",
  flagged: true,
  filed_at: "2026-11-23T08:01:00Z",
  log_position: 8,
};
const DRAFTS: Drafts = {
  read: {
    ...emptyDrafts.read,
    answer: "suspicious",
    confidence: 4,
    reasonCodes: ["a", "b"],
    regions: [REGION],
    note: "Grain. ",
  },
  verdict: {
    ...emptyDrafts.verdict,
    decision: "confirm",
    reasonCodes: ["a", "b"],
    regions: [REGION],
    note: "Grain.",
  },
};
const DETAIL = { id: "c-1", first_read: READ, verdict: null } as unknown as CaseDetail;
const EVIDENCE = { flagged: true } as CaseEvidence;
let kept: Record<string, unknown> = {};
let path = "";
let release: (() => void) | null = null;

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = String(input);
  if (init?.method !== "POST") return Promise.resolve(Response.json({ id: "c-1", ...kept }));
  if (release !== null) {
    return new Promise((resolve) => {
      release = () => resolve(Response.json(VERDICT, { status: 201 }));
    });
  }
  const code = url.endsWith("/seal") ? "already_sealed" : "already_decided";
  return Promise.resolve(Response.json({ code, detail: "Before." }, { status: 409 }));
}

function Where() {
  const { pathname } = useLocation();
  useEffect(() => {
    path = pathname;
  }, [pathname]);
  return null;
}

let client = createQueryClient(() => undefined);

function wrapper({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={["/cases/c-1"]}>
        {children}
        <Where />
      </MemoryRouter>
    </QueryClientProvider>
  );
}

beforeEach(() => {
  [kept, path, release] = [{}, "", null];
  client = createQueryClient(() => undefined);
  vi.clearAllMocks();
  vi.stubGlobal("fetch", vi.fn(serve));
});
afterEach(() => vi.unstubAllGlobals());

describe("an answer that was sealed though the page did not hear of it", () => {
  it("is told as sealed when it is sent again", async () => {
    kept = { first_read: READ };
    const onSuccess = vi.fn();
    const { result } = renderHook(() => useSeal("c-1"), { wrapper });
    result.current.mutate(DRAFTS, { onSuccess });
    await waitFor(() => expect(onSuccess).toHaveBeenCalledOnce());
    expect(tell).not.toHaveBeenCalled();
    expect(vi.mocked(announce).mock.calls[0]?.[0]).toMatch(/^Sealed .*7/);
    expect(result.current.data?.read).toMatchObject({ answer: "suspicious" });
  });

  it.each([
    ["another answer", { first_read: { ...READ, answer: "authentic" } }],
    ["another confidence", { first_read: { ...READ, confidence: 2 } }],
    ["no read", { first_read: null }],
  ])("is not told as sealed where the server has %s", async (_, found) => {
    kept = found;
    const { result } = renderHook(() => useSeal("c-1"), { wrapper });
    result.current.mutate(DRAFTS);
    await waitFor(() => expect(result.current.isError).toBe(true));
    expect(vi.mocked(tell).mock.calls[0]?.[0]).toMatch(/^Your answer was not sealed/);
    expect(announce).not.toHaveBeenCalled();
  });
});

describe("a verdict", () => {
  const file = { drafts: DRAFTS, evidence: EVIDENCE };

  it("that was filed though the page did not hear of it is told as filed", async () => {
    kept = { first_read: READ, verdict: VERDICT };
    const { result } = renderHook(() => useFile(DETAIL, "c-2"), { wrapper });
    result.current.mutate(file);
    await waitFor(() => expect(path).toBe("/cases/c-2"));
    expect(vi.mocked(tell).mock.calls.map(([words]) => words)).toEqual([
      expect.stringMatching(/^Filed .*8/),
    ]);
  });

  it.each([
    ["with other words", { note: "Other." }],
    ["about another opinion", { flagged: false }],
  ])("is told as not filed where the server has one %s", async (_, change) => {
    kept = { first_read: READ, verdict: { ...VERDICT, ...change } };
    const { result } = renderHook(() => useFile(DETAIL, "c-2"), { wrapper });
    result.current.mutate(file);
    await waitFor(() => expect(result.current.isError).toBe(true));
    expect(vi.mocked(tell).mock.calls[0]?.[0]).toMatch(/^Your verdict was not filed/);
    expect(path).toBe("/cases/c-1");
  });

  it("filed after the reader has left takes them nowhere", async () => {
    release = () => undefined;
    let send: (() => void) | null = null;
    function Filing() {
      const filing = useFile(DETAIL, "c-2");
      useEffect(() => {
        send = () => filing.mutate(file);
      });
      return null;
    }
    const page = (isHere: boolean) => wrapper({ children: isHere ? <Filing /> : null });
    const { rerender } = render(page(true));
    act(() => send?.());
    await waitFor(() => expect(fetch).toHaveBeenCalledOnce());
    rerender(page(false));
    await act(async () => {
      release?.();
      await Promise.resolve();
    });
    await waitFor(() => expect(tell).toHaveBeenCalledOnce());
    expect(vi.mocked(tell).mock.calls[0]?.[0]).toMatch(/^Filed/);
    expect(path).toBe("/cases/c-1");
  });
});

describe("the comparison", () => {
  it("minds every part of the answer, and no order of reasons", () => {
    const sent = { ...MARKS, confidence: 3 };
    expect(isSameAnswer({ ...sent, reason_codes: ["a", "b"] }, sent)).toBe(true);
    for (const change of [
      { confidence: 2 },
      { note: "" },
      { reason_codes: ["a"] },
      { regions: [] },
      { regions: [{ ...REGION, frame: 1 }] },
    ]) {
      expect(isSameAnswer({ ...sent, ...change }, sent)).toBe(false);
    }
  });
});
