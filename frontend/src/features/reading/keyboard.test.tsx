/** The page by keyboard alone, the film itself left out: seal, decide, amend. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseDetail, Me, ReasonCode } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";

import { loadDrafts } from "./drafts";
import ReadingPage from "./index";

vi.mock("@/viewer", () => ({
  FilmViewer: ({ allowsForensic }: { allowsForensic: boolean }) => (
    <div data-testid="film" data-forensic={allowsForensic} />
  ),
  describeRegion: () => "a region",
}));
vi.mock("@/imaging/cornerstone", () => ({
  films: { prefetch: () => undefined, prefetchAround: () => undefined },
}));

const ME: Me = {
  id: "u-1",
  username: "alice",
  display_name: "Alice",
  role: "radiologist",
  site: { id: "s-1", name: "North" },
  permissions: ["read_cases"],
  worklists: [],
  columns: {},
  keys: {},
  single_keys: true,
  opens_staff_pages: false,
};
const code = (name: string, group: ReasonCode["group"], hotkey: string): ReasonCode => ({
  code: name,
  label: name.replaceAll("_", " "),
  group,
  hotkey,
  active: true,
  version: 1,
});
const CODES = [
  code("uniform_grain", "against", "2"),
  code("natural_noise", "for", "8"),
  code("looked_again", "changed_mind", "3"),
];
const person = { id: "u-1", display_name: "Alice" };
const DETAIL = {
  id: "c-1",
  state: "ready",
  patient: { name: "DOE^JANE", patient_id: "P", age_years: 40, sex: "F" },
  worklist: { id: "w", slug: "emergency", name: "Emergency", mode: "blind_first" },
  images: [
    {
      id: "i-1",
      series_id: "s-1",
      rows: 9,
      columns: 9,
      frame_count: 1,
      view: "PA",
      laterality: "",
    },
  ],
  progress: { done: 6, total: 6 },
  claimed_by: person,
  description: "Chest PA",
  modality: "DX",
  manufacturer: "",
  study_date: null,
  accession_number: "",
  first_read: null,
  verdict: null,
  closed: null,
} as unknown as CaseDetail;
const EVIDENCE = {
  suspicion: 0.9,
  flagged: true,
  reason: "A region was moved.",
  threshold: 0.5,
  images: [],
  overruled_of_last: { flags: 0, overruled: 0 },
  flag_values: [],
  opinion_sha256: "1".repeat(64),
};

const SAVED_AT = "2026-11-23T08:00:30Z";
const NO_DRAFTS = { read: null, verdict: null };

let sent: { path: string; body: Record<string, unknown> }[] = [];
let asked: string[] = [];
let detail: CaseDetail = DETAIL;
let evidence = EVIDENCE;

function answerTo(path: string, body: Record<string, unknown>): unknown {
  const at = "2026-11-23T08:00:00Z";
  if (path.endsWith("/seal")) {
    const read = {
      ...body,
      id: "r-1",
      reason_words: [],
      mode: "blind_first",
      kind: "first",
      policy_version: 1,
      sealed_at: at,
      seal_sha256: "a".repeat(64),
      log_position: 4,
      reader: person,
    };
    detail = { ...detail, state: "sealed", first_read: read } as unknown as CaseDetail;
    return { read, log_position: 4 };
  }
  const verdict = {
    ...body,
    id: `v-${sent.length}`,
    outcome: "suspicious",
    reason_words: [],
    filed_at: at,
    log_position: 5,
    reader: person,
    flagged: true,
    replaces: body["replaces"] ?? null,
    amend_reason: body["reason"] ?? "",
  };
  const closed = { outcome: "suspicious", how: "single" };
  detail = { ...detail, state: "done", verdict, closed } as unknown as CaseDetail;
  return verdict;
}

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const path = String(input).replace("/api/v1", "");
  const json = (what: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(what), { status }));
  if (init?.method === "POST") {
    const body = JSON.parse(String(init.body ?? "{}")) as Record<string, unknown>;
    sent.push({ path, body });
    if (path.endsWith("/verdict") && body["opinion_sha256"] !== evidence.opinion_sha256) {
      return json({ code: "opinion_changed", detail: "The evidence has changed." }, 409);
    }
    return json(answerTo(path, body), 201);
  }
  if (path.includes("/drafts")) {
    return json(init?.method === "PUT" ? { revision: 1, saved_at: SAVED_AT } : NO_DRAFTS);
  }
  asked.push(path);
  if (path.endsWith("/questions") || path.endsWith("/people")) return json([]);
  if (path.includes("/presence/")) {
    return json({ people: [], claimed_by: person, claim_expires_at: null });
  }
  if (path.endsWith("/authorizations")) return json({ signable: [], signed: [] });
  if (path.endsWith("/next")) return json({ case_id: null });
  if (path.endsWith("/evidence")) return json(evidence);
  if (path.endsWith("/adjudication")) {
    return json({ readers: [], ruling: null, reopenings: [] });
  }
  if (path === "/reason-codes") return json(CODES);
  return json(detail);
}

async function openCase(me = ME) {
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <ShortcutProvider>
        <HintProvider>
          <MeProvider value={me}>
            <MemoryRouter initialEntries={["/cases/c-1"]}>
              <Routes>
                <Route path="/cases/:id" element={<ReadingPage />} />
                <Route path="/cases/:id/compare" element={<p>Two films</p>} />
              </Routes>
            </MemoryRouter>
          </MeProvider>
        </HintProvider>
      </ShortcutProvider>
    </QueryClientProvider>,
  );
  await screen.findByRole("heading", { name: /Doe/i });
  await waitFor(() => expect(asked).toContain("/reason-codes"));
  return userEvent.setup();
}

beforeEach(() => {
  [sent, asked, detail, evidence] = [[], [], DETAIL, EVIDENCE];
  sessionStorage.clear();
  vi.stubGlobal("fetch", vi.fn(serve));
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.scrollTo = (() => undefined) as typeof Element.prototype.scrollTo;
});
afterEach(() => vi.unstubAllGlobals());

describe("a case by keyboard alone", () => {
  it("asks for no evidence before the seal, and seals and files with Enter", async () => {
    const user = await openCase();
    await user.keyboard("a4");
    expect(screen.getByRole("button", { current: "step" })).toHaveTextContent("Your read");
    expect(asked.some((path) => path.includes("evidence"))).toBe(false);
    expect(screen.getByTestId("film")).toHaveAttribute("data-forensic", "false");
    await user.keyboard("{Enter}");
    await screen.findByText(/^Sealed /);
    await screen.findByRole("region", { name: "Verdict" });
    expect(screen.getByTestId("film")).toHaveAttribute("data-forensic", "true");
    // One step is the current one.
    expect(screen.getByRole("button", { current: "step" })).toHaveTextContent("Verdict");
    // The verdict contradicts the answer: its digit first, then the reason's.
    await user.keyboard("c");
    expect(screen.getByRole("group", { name: "What changed your mind?" })).toHaveFocus();
    await user.keyboard("3");
    expect(screen.getByRole("combobox")).toHaveFocus();
    await user.keyboard("2");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toEqual({
      path: "/cases/c-1/verdict",
      body: {
        decision: "confirm",
        reason_codes: ["uniform_grain"],
        regions: [],
        note: "",
        changed_mind_code: "looked_again",
        opinion_sha256: EVIDENCE.opinion_sha256,
      },
    });
  });

  it("asks anew for a verdict on evidence that has changed meanwhile", async () => {
    const user = await openCase();
    await user.keyboard("a4{Enter}");
    await screen.findByRole("region", { name: "Verdict" });
    await user.keyboard("o8");
    evidence = { ...EVIDENCE, flagged: false, opinion_sha256: "2".repeat(64) };
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByRole("button", { name: /^File/ })).toBeDisabled());
    expect(screen.queryByRole("radio", { checked: true })).toBeNull();
    // The reasons stay: they are the reader's own.
    expect(screen.getByRole("button", { name: /^Remove/ })).toBeVisible();
    expect(sent).toHaveLength(2);
  });

  it("leaves for Compare with P, and loses nothing of an answer just given", async () => {
    const user = await openCase();
    await user.keyboard("s5p");
    expect(await screen.findByText("Two films")).toBeInTheDocument();
    const { read } = loadDrafts("u-1", "c-1").drafts;
    expect([read.answer, read.confidence]).toEqual(["suspicious", 5]);
  });

  it("asks a colleague with G, and gives the focus back", async () => {
    const user = await openCase();
    await user.keyboard("g");
    expect(screen.getByRole("dialog", { name: "Ask a colleague" })).toBeVisible();
    // The keys of the case are silent behind a dialog.
    await user.keyboard("a");
    expect(loadDrafts("u-1", "c-1").drafts.read.answer).toBeNull();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(screen.getByRole("heading", { level: 1 })).toHaveFocus();
  });

  it("goes straight to the reasons where the reader stays with the first answer", async () => {
    const user = await openCase();
    await user.keyboard("a4{Enter}");
    await screen.findByRole("region", { name: "Verdict" });
    await user.keyboard("o");
    expect(screen.getByRole("combobox")).toHaveFocus();
    await user.keyboard("8{Enter}");
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]?.body).toMatchObject({ decision: "overrule", changed_mind_code: null });
  });

  it("takes an adjudicator to the reasons with Y, once the answers are shown", async () => {
    detail = { ...DETAIL, state: "adjudication" };
    const user = await openCase({ ...ME, permissions: ["read_cases", "adjudicate"] });
    await user.keyboard("y");
    expect(screen.queryByRole("combobox")).toBeNull();
    await user.click(await screen.findByRole("button", { name: /Show the answers/ }));
    await screen.findByRole("button", { name: "Settle the case" });
    await user.keyboard("y");
    expect(screen.getByRole("combobox")).toHaveFocus();
    await user.keyboard("2");
    expect(screen.getByRole("button", { name: "Remove uniform grain" })).toBeInTheDocument();
  });

  it("amends with Enter instead of leaving for the next case", async () => {
    const user = await openCase();
    await user.keyboard("s4{Enter}");
    await screen.findByRole("region", { name: "Verdict" });
    await user.keyboard("c2{Enter}");
    await user.click(await screen.findByRole("button", { name: "Amend your verdict" }));
    const question = screen.getByRole("group", { name: /Your verdict on/ });
    expect(question).toHaveFocus();
    await user.type(screen.getByLabelText("Why do you amend it?"), "A slip.");
    await user.keyboard("{Escape}");
    (document.activeElement as HTMLElement).blur();
    await user.keyboard("i{Enter}");
    await waitFor(() => expect(sent).toHaveLength(3));
    expect(sent[2]).toMatchObject({
      path: "/cases/c-1/verdict/amend",
      body: { decision: "inconclusive", reason: "A slip.", reason_codes: ["uniform_grain"] },
    });
  });
});
