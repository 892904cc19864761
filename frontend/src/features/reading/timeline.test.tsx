import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient, keys } from "@/api/queries";
import type { CaseDetail, TimelineEntry } from "@/api/types";
import { HintProvider } from "@/ui/Button";

import { Timeline } from "./Timeline";
import { timelineSentence } from "./timelineWords";

const BOB = { id: "u-2", display_name: "Bob" };
const entry = (id: string, kind: string, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  id,
  kind,
  label: "Something new",
  occurred_at: "2026-11-23T08:00:00Z",
  actor: BOB,
  given_to: null,
  ...more,
});
const DETAIL = { id: "c-1", state: "ready", verdict: null } as unknown as CaseDetail;

let pages: TimelineEntry[][] = [];
let calls: string[] = [];
let status = 200;

function serve(input: RequestInfo | URL): Promise<Response> {
  const url = new URL(String(input), "http://truefilm.test");
  calls.push(url.pathname + url.search);
  const at = Number(url.searchParams.get("cursor") ?? 0);
  const body =
    status === 200
      ? { items: pages[at], next_cursor: at + 1 < pages.length ? String(at + 1) : null }
      : { code: "denied", detail: "Not open to you." };
  return Promise.resolve(new Response(JSON.stringify(body), { status }));
}

function show(detail: CaseDetail = DETAIL) {
  const onClose = vi.fn();
  const client = createQueryClient(() => undefined);
  const shown = render(
    <QueryClientProvider client={client}>
      <HintProvider>
        <Timeline detail={detail} onClose={onClose} />
      </HintProvider>
    </QueryClientProvider>,
  );
  return { ...shown, onClose, client };
}

beforeEach(() => {
  calls = [];
  status = 200;
  pages = [[entry("e-2", "case_claimed"), entry("e-1", "case_opened", { actor: null })]];
  vi.stubGlobal("fetch", serve);
});
afterEach(() => vi.unstubAllGlobals());

describe("the timeline of a case", () => {
  it("says who did what, newest first, and that more is told once the case is done", async () => {
    show();
    expect(await screen.findByText("Bob claimed the case")).toBeInTheDocument();
    expect(screen.getByText("Truefilm put the case on the worklist")).toBeInTheDocument();
    expect(screen.getByText(/is told once the case is done/)).toBeInTheDocument();
    expect(screen.getByRole("heading", { name: "Timeline" })).toHaveFocus();
  });

  it("does not say so of a case that is done and that one decided on", async () => {
    show({ ...DETAIL, state: "done", verdict: {} } as unknown as CaseDetail);
    await screen.findByText("Bob claimed the case");
    expect(screen.queryByText(/is told once the case is done/)).toBeNull();
  });

  it("shows earlier entries when they are asked for", async () => {
    pages.push([entry("e-0", "case_viewed")]);
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Show earlier ones" }));
    expect(await screen.findByText("Bob looked at the case")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Show earlier ones" })).toBeNull();
    expect(calls[1]).toContain("cursor=1");
  });

  it("is read anew when something happens to the case", async () => {
    const { client } = show();
    await screen.findByText("Bob claimed the case");
    pages = [[entry("e-3", "case_released")]];
    void client.invalidateQueries({ queryKey: keys.case("c-1") });
    expect(await screen.findByText("Bob gave the case back")).toBeInTheDocument();
  });

  it("is closed by Escape in it and by its button, and gives the focus back", async () => {
    const button = document.createElement("button");
    document.body.append(button);
    button.focus();
    const { onClose, unmount } = show();
    await screen.findByText("Bob claimed the case");
    await userEvent.keyboard("{Escape}");
    expect(onClose).toHaveBeenCalledTimes(1);
    await userEvent.click(screen.getByRole("button", { name: "Close the timeline" }));
    expect(onClose).toHaveBeenCalledTimes(2);
    unmount();
    expect(button).toHaveFocus();
    button.remove();
  });

  it("says why it could not be loaded and loads it on request", async () => {
    status = 403;
    show();
    expect(await screen.findByText("Not open to you.")).toBeInTheDocument();
    status = 200;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.getByText("Bob claimed the case")).toBeInTheDocument());
  });

  it("names whom a case was given to, and leaves what it does not know its label", () => {
    const given = entry("e", "case_assigned", {
      given_to: { id: "u-1", display_name: "Alice" },
    });
    expect(timelineSentence(given)).toBe("Bob gave the case to Alice");
    expect(timelineSentence({ ...given, given_to: null })).toBe(
      "Bob gave the case to somebody",
    );
    expect(timelineSentence(entry("e", "brand_new"))).toBe("Bob: Something new");
  });

  it("has no fault that axe can find", async () => {
    const { container } = show();
    await screen.findByText("Bob claimed the case");
    const { violations } = await axe.run(container, {
      rules: { "color-contrast": { enabled: false } },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});
