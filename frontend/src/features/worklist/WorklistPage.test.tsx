import { QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import { tellCase } from "@/api/caseNews";
import type { CaseRow, Triage } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";
import { Toasts } from "@/ui/toast";

import { makeRow, ME, STANDING } from "./testRows";
import { forgetCases } from "./useCases";
import { WorklistPage } from "./WorklistPage";

let rows: CaseRow[] = [];
let calls: string[] = [];
let bodies: unknown[] = [];
let listStatus = 200;
let lists = ME.worklists;

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
  if (url.endsWith("/bulk")) {
    const after = { ...STANDING, version: 2 };
    const taken = { id: "c-1", code: "", detail: "", before: STANDING, after };
    const refused = {
      id: "c-2",
      code: "claimed_by_other",
      detail: "Another reader has this case.",
      before: null,
      after: null,
    };
    return json({ items: [taken, refused] });
  }
  if (url.endsWith("/rows")) {
    const { ids } = bodies.at(-1) as { ids: string[] };
    const found = rows.filter(({ id }) => ids.includes(id));
    return json({ items: found, matching: found.map(({ id }) => id) });
  }
  if (url.endsWith("/views")) return json([]);
  if (url.endsWith("/queues")) {
    return json({ mine: 1, unclaimed: 1001, second_reads: 3, adjudication: 4, asked: 0 });
  }
  if (url.includes("/cases")) {
    return listStatus === 200
      ? json({ items: rows, next_cursor: null, total: rows.length, is_total_exact: true })
      : json({ status: listStatus, code: "denied", detail: "Not open to you." }, listStatus);
  }
  return json(lists);
}

function show(path: string, me = ME) {
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
        <MeProvider value={me}>
          <HintProvider>
            <RouterProvider router={router} />
            <Toasts />
          </HintProvider>
        </MeProvider>
      </ShortcutProvider>
    </QueryClientProvider>,
  );
  return { ...shown, client, router };
}

beforeEach(() => {
  forgetCases();
  calls = [];
  bodies = [];
  listStatus = 200;
  lists = ME.worklists;
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
    expect(bodies[0]).toMatchObject({ filter: "Anna", modality: "DX", state: "open" });
    expect(calls.at(-1)).toBe("POST /api/v1/worklists/blind/cases/search");
    expect(calls.join(" ")).not.toMatch(/Anna|FromAnOldLink/);
    expect(router.state.location.search).not.toContain("Anna");
    await userEvent.click(screen.getByRole("button", { name: /My queue/ }));
    expect(router.state.location.search).toContain("mine=true");
    expect(screen.getByRole("searchbox")).toHaveValue("Anna");
    await waitFor(() => expect(bodies.at(-1)).toMatchObject({ filter: "Anna", mine: "true" }));
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
    expect(row).toHaveAttribute("aria-current", "true");
    expect(row).toHaveFocus();
    fireEvent.keyDown(document.body, { key: "c" });
    expect(await within(row as HTMLElement).findByText("You")).toBeInTheDocument();
    expect(calls).toContain("POST /api/v1/cases/c-1/claim");
    fireEvent.keyDown(row as HTMLElement, { key: "Enter" });
    await waitFor(() => expect(router.state.location.pathname).toBe("/cases/c-1"));
  });

  it("keeps its rows when a case arrives, until the reader asks for it", async () => {
    show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    rows = [makeRow("c-9", "DEMO^Zoe"), ...rows];
    tellCase({ worklist: "blind", id: "c-9", changes: null });
    const chip = await screen.findByRole("button", { name: "1 new" });
    expect(screen.queryByText("DEMO, Zoe")).toBeNull();
    await userEvent.click(chip);
    expect(await screen.findByText("DEMO, Zoe")).toBeInTheDocument();
  });

  it("shows a chip for each part of the filter, and takes the part out with it", async () => {
    const { router } = show("/worklists/blind?f=modality:DX+-with:nobody");
    await screen.findByText("DEMO, Anna");
    expect(bodies[0]).toMatchObject({ filter: "modality:DX -with:nobody" });
    await userEvent.click(screen.getByRole("button", { name: "Remove not with: nobody" }));
    await waitFor(() => expect(bodies.at(-1)).toMatchObject({ filter: "modality:DX" }));
    expect(router.state.location.search).toBe("?f=modality%3ADX");
  });

  it("keeps what may be a name of a longer filter out of the address", async () => {
    const { router } = show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    await userEvent.type(screen.getByRole("searchbox"), "patient:anna modality:DX");
    await waitFor(() => expect(router.state.location.search).toBe("?f=modality%3ADX"));
    // The field keeps the reader's own order.
    expect(screen.getByRole("searchbox")).toHaveValue("patient:anna modality:DX");
    await waitFor(() =>
      expect(bodies.at(-1)).toMatchObject({ filter: "modality:DX patient:anna" }),
    );
    expect(calls.join(" ")).not.toContain("anna");
  });

  it("marks the place of a fault and asks the server nothing", async () => {
    show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    const asked = calls.length;
    await userEvent.type(screen.getByRole("searchbox"), "flagged:yes");
    expect(screen.getByRole("searchbox")).toBeInvalid();
    expect(screen.getByRole("searchbox")).toHaveAccessibleDescription(
      /read blind: it cannot be filtered by flagged/,
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(calls).toHaveLength(asked);
  });

  it("chooses rows with x, all between with Shift+x, and none with Escape", async () => {
    rows = ["a", "b", "c", "d"].map((id) => makeRow(id, `DEMO^${id}`));
    show("/worklists/blind");
    await screen.findByText("DEMO, a");
    const chosen = () =>
      screen.getAllByRole("row").filter((row) => row.getAttribute("aria-selected") === "true");
    for (const key of ["j", "x", "j", "j"]) fireEvent.keyDown(document.body, { key });
    expect(chosen()).toHaveLength(1);
    fireEvent.keyDown(document.body, { key: "X", shiftKey: true });
    expect(chosen()).toHaveLength(3);
    fireEvent.keyDown(document.body, { key: "Escape" });
    expect(chosen()).toHaveLength(0);
  });

  it("gives the chosen cases to the reader, says which were refused, and undoes it", async () => {
    show("/worklists/blind");
    await screen.findByText("DEMO, Anna");
    for (const key of ["j", "x", "j", "x"]) fireEvent.keyDown(document.body, { key });
    await userEvent.click(screen.getByRole("button", { name: "Take" }));
    expect(await screen.findByText("1 case now with you.")).toBeInTheDocument();
    expect(
      screen.getByText("1 case left as before: Another reader has this case."),
    ).toBeInTheDocument();
    expect(bodies).toContainEqual({ action: "assign", ids: ["c-1", "c-2"], person_id: "u-1" });
    expect(screen.queryByRole("toolbar")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() =>
      expect(bodies).toContainEqual({
        action: "restore",
        standings: [{ id: "c-1", ...STANDING, version: 2 }],
      }),
    );
  });

  it("says in words and by a sign that a case is urgent, nearly due, overdue", async () => {
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    rows = [
      makeRow("c-1", "DEMO^Anna", {
        priority: "stat",
        received_at: at(-40),
        due_at: at(-10.5),
      }),
      makeRow("c-2", "DEMO^Ben", {
        priority: "urgent",
        received_at: at(-110),
        due_at: at(10.5),
      }),
    ];
    show("/worklists/blind");
    for (const words of ["Stat", "Overdue 10 min", "Urgent", "Due in 10 min"]) {
      const shown = await screen.findByText(words);
      expect(shown.querySelector("svg")).not.toBeNull();
    }
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

  it("does not send to another page who has nothing to do there", async () => {
    rows = [];
    lists = ME.worklists.map((each) => ({ ...each, audits_others: true }));
    const audits = show("/worklists/blind");
    expect(await screen.findByText(/audited come here by themselves/)).toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "Upload films" })).toBeNull();
    expect(screen.queryByText(/Upload page/)).toBeNull();
    audits.unmount();
    lists = ME.worklists;
    show("/worklists/blind", { ...ME, permissions: ["read_cases"] });
    expect(await screen.findByText(/as soon as their films are stored/)).toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "Upload films" })).toBeNull();
    expect(screen.queryByText(/Upload page/)).toBeNull();
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
    // Counted no further by the server.
    expect(screen.getByRole("button", { name: "Unclaimed 1,000+" })).toBeInTheDocument();
  });

  it("say that nothing waits when one is empty", async () => {
    rows = [];
    const { router } = show("/worklists/blind?mine=second_reads");
    await screen.findByText("Nothing waits in this queue");
    await userEvent.click(screen.getByRole("button", { name: "Show the whole worklist" }));
    expect(router.state.location.search).toBe("");
  });
});
