import { QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseRow, Me, Triage } from "@/api/types";
import { ShortcutProvider } from "@/ui/shortcuts";

import { WorklistPage } from "./WorklistPage";

const ME: Me = {
  id: "u-1",
  username: "ada",
  display_name: "Ada Reader",
  role: "radiologist",
  site: { id: "s-1", name: "North Clinic" },
  permissions: ["read_cases", "upload"],
  worklists: [
    { id: "w-1", slug: "blind", name: "Blind reading", mode: "blind_first", open_count: 2 },
    { id: "w-2", slug: "triage", name: "Triage desk", mode: "triage", open_count: 2 },
  ],
};

function makeRow(id: string, name: string, changes: Partial<CaseRow> = {}): CaseRow {
  return {
    id,
    version: 1,
    received_at: new Date().toISOString(),
    patient: { name, patient_id: id, age_years: 54, sex: "F" },
    modality: "DX",
    description: "Chest PA",
    accession_number: "A1",
    view_count: 1,
    state: "ready",
    progress: { done: 6, total: 6 },
    claimed_by: null,
    claim_expires_at: null,
    read_phase: "unread",
    ...changes,
  };
}

let rows: CaseRow[] = [];
let calls: string[] = [];
let bodies: unknown[] = [];
let listStatus = 200;

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = String(input);
  calls.push(`${init?.method ?? "GET"} ${url}`);
  if (typeof init?.body === "string") bodies.push(JSON.parse(init.body));
  const json = (body: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(body), { status }));
  if (url.endsWith("/claim")) {
    rows = rows.map((row) =>
      row.id === "c-1"
        ? { ...row, claimed_by: { id: "u-1", display_name: "Ada Reader" } }
        : row,
    );
    return json(rows[0]);
  }
  if (url.endsWith("/queues")) {
    return json({ mine: 1, unclaimed: 2, second_reads: 3, adjudication: 4 });
  }
  if (url.includes("/cases")) {
    return listStatus === 200
      ? json({ items: rows, next_cursor: null, total: rows.length })
      : json({ status: listStatus, code: "denied", detail: "Not open to you." }, listStatus);
  }
  return json(ME.worklists);
}

function show(path: string) {
  const client = createQueryClient(() => undefined);
  const router = createMemoryRouter(
    [
      { path: "/worklists/:slug", element: <WorklistPage /> },
      { path: "/cases/:id", element: <p>the reading page</p> },
    ],
    { initialEntries: [path] },
  );
  const shown = render(
    <QueryClientProvider client={client}>
      <ShortcutProvider>
        <MeProvider value={ME}>
          <RouterProvider router={router} />
        </MeProvider>
      </ShortcutProvider>
    </QueryClientProvider>,
  );
  return { ...shown, client, router };
}

beforeEach(() => {
  calls = [];
  bodies = [];
  listStatus = 200;
  rows = [makeRow("c-1", "DEMO^Anna"), makeRow("c-2", "DEMO^Ben")];
  vi.stubGlobal("fetch", vi.fn(serve));
  // jsdom lays nothing out: give the virtual list a height to fill.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1000);
});

afterEach(() => vi.unstubAllGlobals());

const OPINION: Triage = {
  suspicion: 0.97,
  flagged: true,
  top_lane: "synthesis",
  reason: "Upsampling peaks in 41 of 56 tiles.",
};

describe("a blind worklist", () => {
  it("shows none of the system's opinion, not even if the server let it slip", async () => {
    rows = [makeRow("c-1", "DEMO^Anna", { triage: OPINION })];
    const { container } = show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    expect(container.textContent).not.toMatch(/0\.97|Flagged|Synthesis|Upsampling/);
    expect(screen.queryByRole("columnheader", { name: "Suspicion" })).toBeNull();
  });

  it("asks for the shuffled order", async () => {
    show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    expect(calls.some((call) => call.includes("sort=shuffled"))).toBe(true);
  });
});

describe("a triage worklist", () => {
  it("shows suspicion, flag, lane and reason", async () => {
    rows = [makeRow("c-1", "DEMO^Anna", { triage: OPINION })];
    show("/worklists/triage");
    await screen.findByText("DEMO, Anna");
    for (const words of ["0.97", "Flagged", "Upsampling peaks in 41 of 56 tiles."]) {
      expect(screen.getByText(words)).toBeInTheDocument();
    }
    const head = screen.getByRole("columnheader", { name: "Suspicion" });
    expect(head).toHaveAttribute("aria-sort", "descending");
  });

  it("says so where no lane could tell", async () => {
    rows = [makeRow("c-1", "DEMO^Anna", { triage: { ...OPINION, suspicion: null } })];
    show("/worklists/triage");
    expect(await screen.findByText("not assessable")).toBeInTheDocument();
  });
});

describe("the list", () => {
  it("puts a sort into the address and marks the header", async () => {
    const { router } = show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    await userEvent.click(screen.getByRole("button", { name: "Received" }));
    expect(router.state.location.search).toBe("?sort=-received");
    const head = await screen.findByRole("columnheader", { name: "Received" });
    expect(head).toHaveAttribute("aria-sort", "descending");
  });

  it("keeps a typed name out of the page's and the server's addresses", async () => {
    const { router } = show("/worklists/blind?modality=DX&q=FromAnOldLink");
    await screen.findByText("DEMO, Anna");
    expect(screen.getByRole("searchbox")).toHaveValue("");
    await userEvent.type(screen.getByRole("searchbox"), "Anna");
    await waitFor(() => expect(bodies).toHaveLength(1));
    expect(bodies[0]).toMatchObject({ q: "Anna", modality: "DX", state: "open" });
    expect(calls.at(-1)).toBe("POST /api/v1/worklists/blind/cases/search");
    expect(calls.join(" ")).not.toMatch(/Anna|FromAnOldLink/);
    expect(router.state.location.search).not.toContain("Anna");
    await userEvent.click(screen.getByRole("button", { name: /My queue/ }));
    expect(router.state.location.search).toContain("mine=true");
    expect(screen.getByRole("searchbox")).toHaveValue("Anna");
    await waitFor(() => expect(bodies.at(-1)).toMatchObject({ q: "Anna", mine: "true" }));
  });

  it("goes from the filter back to the rows by Enter, and by Escape once it is empty", async () => {
    show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    const search = screen.getByRole("searchbox");
    fireEvent.keyDown(document.body, { key: "/" });
    expect(search).toHaveFocus();
    await userEvent.keyboard("An{Escape}");
    expect(search).toHaveValue("");
    expect(search).toHaveFocus();
    await userEvent.keyboard("{Escape}");
    expect(search).not.toHaveFocus();
    fireEvent.keyDown(document.body, { key: "/" });
    await userEvent.keyboard("An{Enter}");
    expect(search).not.toHaveFocus();
    expect(search).toHaveValue("An");
  });

  it("is walked with j and k, claimed with c, opened with Enter", async () => {
    const { router } = show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    fireEvent.keyDown(document.body, { key: "j" });
    fireEvent.keyDown(document.body, { key: "j" });
    fireEvent.keyDown(document.body, { key: "k" });
    const row = screen.getByText("DEMO, Anna").closest('[role="row"]');
    expect(row).toHaveAttribute("aria-selected", "true");
    expect(row).toHaveFocus();
    fireEvent.keyDown(document.body, { key: "c" });
    expect(await within(row as HTMLElement).findByText("You")).toBeInTheDocument();
    expect(calls).toContain("POST /api/v1/cases/c-1/claim");
    fireEvent.keyDown(row as HTMLElement, { key: "Enter" });
    await waitFor(() => expect(router.state.location.pathname).toBe("/cases/c-1"));
  });

  it("keeps its rows when a case arrives, until the reader asks for it", async () => {
    const { client } = show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    rows = [makeRow("c-9", "DEMO^Zoe"), ...rows];
    await client.invalidateQueries({ queryKey: ["cases", "blind"] });
    const chip = await screen.findByRole("button", { name: "1 new" });
    expect(screen.queryByText("DEMO, Zoe")).toBeNull();
    await userEvent.click(chip);
    expect(screen.getByText("DEMO, Zoe")).toBeInTheDocument();
  });

  it("counts the lanes that have reported", async () => {
    rows = [
      makeRow("c-1", "DEMO^Anna", { state: "analysing", progress: { done: 4, total: 6 } }),
    ];
    show("/worklists/blind");
    expect(await screen.findByText("4/6 lanes")).toBeInTheDocument();
  });

  it("says what to do when it is empty", async () => {
    rows = [];
    show("/worklists/blind");
    expect(await screen.findByText("No open cases")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Upload films" })).toHaveAttribute(
      "href",
      "/upload",
    );
  });

  it("says why it could not be loaded and loads it on request", async () => {
    listStatus = 403;
    show("/worklists/blind");
    expect(await screen.findByText("Not open to you.")).toBeInTheDocument();
    listStatus = 200;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("DEMO, Anna")).toBeInTheDocument();
  });

  it("has no fault that axe can find", async () => {
    const { container } = show("/worklists/triage");
    await screen.findByText("DEMO, Anna");
    const { violations } = await axe.run(container, {
      // Colours need a layout; the pages are checked in Chromium for them.
      rules: { "color-contrast": { enabled: false } },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

describe("the queues", () => {
  it("show how many cases wait and filter the list by one", async () => {
    const { router } = show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    const tab = await screen.findByRole("button", { name: /Second reads\s*3/ });
    expect(screen.queryByRole("button", { name: /Adjudication/ })).toBeNull();
    await userEvent.click(tab);
    expect(router.state.location.search).toBe("?mine=second_reads");
    await waitFor(() =>
      expect(calls.some((call) => call.includes("mine=second_reads"))).toBe(true),
    );
    expect(tab).toHaveAttribute("aria-pressed", "true");
  });

  it("say that nothing waits when one is empty", async () => {
    rows = [];
    const { router } = show("/worklists/blind?mine=second_reads");
    await screen.findByText("Nothing waits in this queue");
    await userEvent.click(screen.getByRole("button", { name: "Show the whole worklist" }));
    expect(router.state.location.search).toBe("");
  });
});
