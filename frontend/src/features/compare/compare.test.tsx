import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseDetail, Match, Me, Prior } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";
import type { Alignment } from "@/viewer";

import ComparePage from "./index";
import { asksMatches, chooseOwn, choosePair } from "./useCompare";
import { alignmentOf, changeWords, matchWords, priorTitle } from "./words";

interface Shown {
  first: { imageId: string };
  other: { imageId: string; label: string };
  alignment: Alignment | null;
}
vi.mock("@/viewer", () => ({
  CompareViewer: ({ first, other, alignment }: Shown) => (
    <div data-testid="films" data-alignment={JSON.stringify(alignment)}>
      {first.imageId} {other.imageId} {other.label}
    </div>
  ),
}));

const image = (id: string) => ({
  id,
  series_id: "s",
  rows: 9,
  columns: 9,
  frame_count: 1,
  format: "dicom",
  view: "PA",
  laterality: "",
  file_name: "",
});
const DETAIL = {
  id: "c-1",
  patient: { name: "DOE^JANE", patient_id: "P", age_years: 40, sex: "F" },
  description: "Chest PA",
  worklist: { id: "w", slug: "emergency", name: "Emergency", mode: "blind_first" },
  images: [image("own-1"), image("own-2")],
  first_read: null,
} as unknown as CaseDetail;
const SEALED = { ...DETAIL, first_read: { id: "r" } } as unknown as CaseDetail;
const PRIORS: Prior[] = [
  {
    case_id: "p-1",
    study_date: "2026-03-12",
    received_at: "2026-03-12T08:00:00Z",
    modality: "DX",
    description: "Chest",
    images: [image("new-1"), image("new-2")],
  },
  {
    case_id: "p-2",
    study_date: null,
    received_at: "2024-01-01T08:00:00Z",
    modality: "CR",
    description: "",
    images: [image("old-1")],
  },
];
const MATCH: Match = {
  image_id: "own-2",
  film: { id: "film-1", rows: 9, columns: 9, frame_count: 1 },
  case_id: "x",
  first_seen: "2026-03-12T08:00:00Z",
  is_same_patient: false,
  is_exact: false,
  distance_bits: 3,
  transform: { quarter_turns: 1, mirrored: true, inverted: true },
};

let client: QueryClient;
let asked: string[] = [];
let detail = DETAIL;
let priors = PRIORS;
let me = { id: "u", permissions: [] } as unknown as Me;

function serve(input: RequestInfo | URL): Promise<Response> {
  const path = String(input).replace("/api/v1", "");
  asked.push(path);
  const body = path.endsWith("/priors") ? priors : path.endsWith("/matches") ? [MATCH] : detail;
  return Promise.resolve(new Response(JSON.stringify(body)));
}

function open(search = "") {
  const router = createMemoryRouter(
    [
      { path: "/cases/:id/compare", element: <ComparePage /> },
      { path: "/cases/:id", element: <p>The case</p> },
    ],
    { initialEntries: [`/cases/c-1/compare${search}`] },
  );
  const { container } = render(
    <QueryClientProvider client={client}>
      <MeProvider value={me}>
        <ShortcutProvider>
          <HintProvider>
            <RouterProvider router={router} />
          </HintProvider>
        </ShortcutProvider>
      </MeProvider>
    </QueryClientProvider>,
  );
  return container;
}

beforeEach(() => {
  [asked, detail, priors] = [[], DETAIL, PRIORS];
  me = { id: "u", permissions: [] } as unknown as Me;
  client = createQueryClient(() => undefined);
  vi.stubGlobal("fetch", vi.fn(serve));
});
afterEach(() => vi.unstubAllGlobals());

describe("before the seal", () => {
  it("earlier studies are laid beside the film, and no match is asked for", async () => {
    const container = open();
    expect(await screen.findByTestId("films")).toHaveTextContent(/^own-1 new-1 12 Mar 2026/);
    expect(screen.getByTestId("films")).toHaveAttribute("data-alignment", "null");
    expect(screen.getByText(/After you have sealed an answer/)).toBeInTheDocument();
    expect(asked.some((path) => path.includes("matches"))).toBe(false);
    expect((await axe.run(container)).violations).toEqual([]);
  });

  it("the film of a match named in the address is not asked for either", async () => {
    open("?with=film-1");
    await screen.findByTestId("films");
    expect(screen.getByTestId("films")).toHaveTextContent(/new-1/);
    expect(screen.getByRole("status")).toHaveTextContent(/^The film asked for cannot be shown/);
    expect(asked.some((path) => path.includes("matches"))).toBe(false);
  });

  it("says so where the films cannot be listed, and tries again", async () => {
    vi.stubGlobal(
      "fetch",
      vi.fn((input: RequestInfo | URL) =>
        String(input).endsWith("/priors")
          ? Promise.resolve(new Response("{}", { status: 403 }))
          : serve(input),
      ),
    );
    open();
    expect(await screen.findByText("The films could not be listed")).toBeInTheDocument();
    vi.stubGlobal("fetch", vi.fn(serve));
    await userEvent.click(screen.getByRole("button", { name: /again/i }));
    expect(await screen.findByTestId("films")).toBeInTheDocument();
  });

  it("keeps the films that it could not list again", async () => {
    open();
    expect(await screen.findByTestId("films")).toHaveTextContent(/^own-1 new-1/);
    vi.stubGlobal(
      "fetch",
      vi.fn(() => Promise.resolve(new Response("{}", { status: 403 }))),
    );
    await client.invalidateQueries({ queryKey: ["case", "c-1"] });
    expect(await screen.findByText(/Not refreshed/)).toBeInTheDocument();
    expect(screen.getByTestId("films")).toHaveTextContent(/^own-1 new-1/);
    expect(screen.getByRole("button", { name: /Chest.*CR|CR/ })).toBeInTheDocument();
  });

  it("says so where there is nothing to compare with", async () => {
    priors = [];
    open();
    expect(await screen.findByText("Nothing to compare this film with")).toBeInTheDocument();
    expect(screen.queryByTestId("films")).toBeNull();
  });

  it("goes to another image, and back to the case by key", async () => {
    open();
    await screen.findByTestId("films");
    await userEvent.click(screen.getByRole("button", { name: /No study date/ }));
    expect(screen.getByTestId("films")).toHaveTextContent(/own-1 old-1/);
    await userEvent.keyboard("{Escape}");
    expect(await screen.findByText("The case")).toBeInTheDocument();
  });
});

describe("who settles a case", () => {
  const settling = { ...DETAIL, state: "adjudication" } as unknown as CaseDetail;

  it("sees the match that the evidence links to, and none before opening it", async () => {
    me = { id: "u", permissions: ["adjudicate"] } as unknown as Me;
    detail = settling;
    open();
    await screen.findByTestId("films");
    expect(asked.some((path) => path.includes("matches"))).toBe(false);
    cleanup();
    open("?with=film-1");
    await waitFor(() => expect(screen.getByTestId("films")).toHaveTextContent(/film-1/));
  });

  it("must have the right to", async () => {
    detail = settling;
    open("?with=film-1");
    await screen.findByTestId("films");
    expect(asked.some((path) => path.includes("matches"))).toBe(false);
  });
});

describe("after the seal", () => {
  it("a match is aligned as the lane says, and told in words without a name", async () => {
    detail = SEALED;
    const container = open("?with=film-1");
    await waitFor(() => expect(screen.getByTestId("films")).toHaveTextContent(/own-2 film-1/));
    const shown = screen.getByTestId("films").getAttribute("data-alignment");
    expect(JSON.parse(shown ?? "")).toEqual({
      quarterTurns: 1,
      mirrored: true,
      inverted: true,
    });
    expect(screen.getByRole("status")).toHaveTextContent(
      "Same picture, mirrored, turned by 90°, inverted (3 of 64 bits differ); " +
        "first seen 12 Mar 2026 under another patient.",
    );
    expect((await axe.run(container)).violations).toEqual([]);
  });
});

describe("which films", () => {
  it("are the ones asked for, else the newest earlier study", () => {
    expect(choosePair(PRIORS, [MATCH], null)?.imageId).toBe("new-1");
    expect(choosePair(PRIORS, [MATCH], "new-2")?.imageId).toBe("new-2");
    expect(choosePair(PRIORS, [MATCH], "film-1")?.kind).toBe("match");
    expect(choosePair([], [], "film-1")).toBeNull();
    // A match is never taken by itself: only the reader chooses it.
    expect(choosePair([], [MATCH], null)).toBeNull();
  });

  it("of this case are the one the match is of, else the one asked for", () => {
    expect(chooseOwn(DETAIL, choosePair([], [MATCH], "film-1"), "own-1")).toBe("own-2");
    expect(chooseOwn(DETAIL, choosePair(PRIORS, [], null), "own-2")).toBe("own-2");
    expect(chooseOwn(DETAIL, null, null)).toBe("own-1");
  });

  it("seen before are for who has sealed, or reads informed", () => {
    expect(asksMatches(DETAIL)).toBe(false);
    expect(asksMatches(SEALED)).toBe(true);
    const triage = { ...DETAIL, worklist: { ...DETAIL.worklist, mode: "triage" } as const };
    expect(asksMatches(triage)).toBe(true);
  });
});

describe("the relation in words", () => {
  it("names what was done, and nothing where nothing was", () => {
    const as = { quarterTurns: 0, mirrored: false, inverted: false } as const;
    expect(changeWords(as)).toBe("");
    expect(changeWords({ ...as, quarterTurns: 3 })).toBe("turned by 270°");
    expect(matchWords({ ...MATCH, is_exact: true, is_same_patient: true })).toBe(
      "Exactly the same pixels; first seen 12 Mar 2026 in another study of this patient.",
    );
    expect(alignmentOf({ transform: null })).toBeNull();
    expect(matchWords({ ...MATCH, transform: null })).toMatch(/^Same picture \(3 of 64/);
    expect(PRIORS.map(priorTitle)).toEqual(["12 Mar 2026 · Chest · DX", "No study date · CR"]);
  });
});
