/** Many cases at once, of which a part fails. */
import { QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import type { BulkIn } from "@/api/types";
import { tell } from "@/ui/toast";

import type { CaseList } from "./caseList";
import { useBulk } from "./useBulk";

vi.mock("@/ui/toast", () => ({ tell: vi.fn() }));

const IDS = Array.from({ length: 450 }, (_, at) => `c-${at}`);
let sent: BulkIn[] = [];
let failing: { at: number; status: number } | null = null;
let changed: string[] = [];
const list = { noteChange: (id: string) => changed.push(id) } as unknown as CaseList;

function serve(_input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const body = JSON.parse(String(init?.body)) as BulkIn;
  sent.push(body);
  if (failing?.at === sent.length) {
    if (failing.status === 0) return Promise.reject(new TypeError("Failed to fetch"));
    const problem = { code: "denied", detail: "You may not do this." };
    return Promise.resolve(new Response(JSON.stringify(problem), { status: failing.status }));
  }
  const standing = { claimed_by: null, priority: "routine", claim_expires_at: null };
  const ids = [...(body.ids ?? []), ...(body.standings ?? []).map(({ id }) => id)];
  const items = ids.map((id) => ({
    id,
    code: "",
    detail: "",
    before: { ...standing, version: 1 },
    after: { ...standing, version: 2 },
  }));
  return Promise.resolve(Response.json({ items }));
}

function open() {
  const client = createQueryClient(() => undefined);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(() => useBulk("emergency", list), { wrapper }).result;
}

const prioritise = (cases: readonly string[]) => ({
  ids: cases,
  change: {
    action: "prioritise" as const,
    priority: "stat" as const,
    done: (count: string) => `${count} set to stat.`,
  },
});

beforeEach(() => {
  [sent, failing, changed] = [[], null, []];
  vi.mocked(tell).mockClear();
  vi.stubGlobal("fetch", vi.fn(serve));
});
afterEach(() => vi.unstubAllGlobals());

describe("a change of more rows than one request takes", () => {
  it("is sent in parts and told as one", async () => {
    const bulk = open();
    bulk.current.mutate(prioritise(IDS));
    await waitFor(() => expect(tell).toHaveBeenCalledTimes(1));
    expect(sent.map(({ ids }) => ids.length)).toEqual([200, 200, 50]);
    expect(vi.mocked(tell).mock.calls[0]?.[0]).toBe("450 cases set to stat.");
  });

  it.each([
    [0, "It is not certain that 250 cases were changed: The server cannot be reached."],
    [403, "250 cases left as before: You may not do this."],
  ])(
    "whose second part ends with %d tells what was done, and can undo it",
    async (status, words) => {
      failing = { at: 2, status };
      const bulk = open();
      bulk.current.mutate(prioritise(IDS));
      await waitFor(() => expect(tell).toHaveBeenCalledTimes(2));
      const [done, problem] = vi.mocked(tell).mock.calls;
      expect(done?.[0]).toBe("200 cases set to stat.");
      expect(problem).toEqual([words, "problem"]);
      // Rows that no answer came for are asked about.
      expect(new Set(changed)).toEqual(new Set(IDS.slice(0, 400)));
      expect(sent).toHaveLength(2);
      failing = null;
      done?.[2]?.run();
      await waitFor(() => expect(tell).toHaveBeenCalledTimes(3));
      expect(vi.mocked(tell).mock.calls[2]?.[0]).toBe("200 cases put back as before.");
      expect(sent[2]?.standings?.map(({ id }) => id)).toEqual(IDS.slice(0, 200));
    },
  );

  it("whose undoing fails half way tells what was put back", async () => {
    const bulk = open();
    bulk.current.mutate(prioritise(IDS));
    await waitFor(() => expect(tell).toHaveBeenCalledTimes(1));
    failing = { at: 5, status: 0 };
    vi.mocked(tell).mock.calls[0]?.[2]?.run();
    await waitFor(() => expect(tell).toHaveBeenCalledTimes(3));
    const told = vi
      .mocked(tell)
      .mock.calls.slice(1)
      .map(([words]) => words);
    expect(told[0]).toBe("200 cases put back as before.");
    expect(told[1]).toMatch(/^It is not certain that 250 cases/);
  });

  it("whose first part fails tells that alone", async () => {
    failing = { at: 1, status: 403 };
    const bulk = open();
    bulk.current.mutate(prioritise(IDS));
    await waitFor(() => expect(bulk.current.isError).toBe(true));
    expect(vi.mocked(tell).mock.calls).toEqual([["You may not do this.", "problem"]]);
  });
});
