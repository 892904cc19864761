import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseDetail, Match, Me, Prior, Series } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";
import type { Alignment, ComparedStack } from "@/viewer";

import ComparePage from "./index";
import { asksMatches, chooseOwn, choosePair } from "./useCompare";
import { alignmentOf, changeWords, matchWords, priorTitle } from "./words";

interface Shown {
  first: { stack: ComparedStack; index: number; label: string };
  other: { stack: ComparedStack; index: number | null; label: string };
  alignment: Alignment | null;
}
vi.mock("@/viewer", () => ({
  CompareViewer: ({ first, other, alignment }: Shown) => (
    <div data-testid="films" data-alignment={JSON.stringify(alignment)}>
      {nameSlice(first)} {nameSlice(other)} {other.label}
    </div>
  ),
}));

/** "own-1" for a film, "own-1#2 of 3" for the slice a stack begins with. */
function nameSlice({ stack, index }: Shown["first"] | Shown["other"]): string {
  const { places } = stack;
  const at = places[index ?? 0];
  if (places.length === 1) return at?.imageId ?? "";
  return `${at?.imageId}#${index === null ? "?" : index + 1} of ${places.length}`;
}

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
const slices = (name: string) =>
  [0, 1, 2, 3].map((i) => ({ ...image(`${name}-s${i}`), series_id: name, view: "" }));
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
  film: { id: "film-1", series_id: "t", rows: 9, columns: 9, frame_count: 1 },
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
let matches: Match[] = [MATCH];
let me = { id: "u", permissions: [] } as unknown as Me;

function serve(input: RequestInfo | URL): Promise<Response> {
  const path = String(input).replace("/api/v1", "");
  asked.push(path);
  return Promise.resolve(new Response(JSON.stringify(bodyOf(path))));
}

function bodyOf(path: string): unknown {
  if (path.endsWith("/priors")) return priors;
  if (path.endsWith("/matches")) return matches;
  const [, imageId] = /^\/images\/(.+)\/series$/.exec(path) ?? [];
  return imageId === undefined ? detail : seriesOf(imageId);
}

/** A slice "x-3" lies 30 mm up among four; anything else is a film of its own. */
function seriesOf(imageId: string): Series {
  const name = /^(.+)-s\d$/.exec(imageId)?.[1];
  if (name === undefined) {
    return { modality: "DX", images: [{ ...image(imageId), plane: null }] };
  }
  const images = slices(name).map((slice, i) => ({
    ...slice,
    plane: { frame_of_reference: "f", normal: [0, 0, 1] as const, positions_mm: [10 * i] },
  }));
  return { modality: "CT", images } as unknown as Series;
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
  [asked, detail, priors, matches] = [[], DETAIL, PRIORS, [MATCH]];
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

describe("a film without an earlier study", () => {
  it("is laid beside a match once that is chosen, not of itself", async () => {
    [detail, priors] = [SEALED, []];
    open();
    expect(await screen.findByText("Choose a film that was seen before")).toBeInTheDocument();
    expect(screen.queryByTestId("films")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: /Same picture/ }));
    expect(await screen.findByTestId("films")).toHaveTextContent(/own-2 film-1/);
  });
});

describe("stacks", () => {
  const ct = (over: object) => ({ ...DETAIL, modality: "CT", images: slices("own"), ...over });
  const prior = (images: Prior["images"]): Prior[] => [
    { ...(PRIORS[0] as Prior), modality: "CT", images },
  ];
  const films = () => screen.findByTestId("films");

  beforeEach(() => {
    detail = ct({}) as unknown as CaseDetail;
    priors = prior(slices("old"));
  });

  it("are one line of the list each, and begin at the slice the reader came from", async () => {
    const container = open("?image=own-s2&frame=0");
    expect(await films()).toHaveTextContent(/^own-s2#3 of 4 old-s0#\? of 4 12 Mar 2026/);
    expect(screen.getByRole("status")).toHaveTextContent(/the patient lay anew/);
    const list = screen.getByRole("complementary", { name: "Films to compare with" });
    expect(within(list).getAllByRole("button")).toHaveLength(1);
    expect(within(list).getByRole("button", { name: /4 slices$/ })).toHaveAttribute(
      "aria-current",
      "true",
    );
    expect((await axe.run(container)).violations).toEqual([]);
  });

  it("are asked where they lie; films never are", async () => {
    open();
    await films();
    expect(asked.filter((path) => path.endsWith("/series"))).toEqual([
      "/images/own-s0/series",
      "/images/old-s0/series",
    ]);
    cleanup();
    [asked, detail, priors] = [[], DETAIL, PRIORS];
    client = createQueryClient(() => undefined);
    open();
    await films();
    expect(asked.some((path) => path.endsWith("/series"))).toBe(false);
  });

  it("are shown by their number where it could not be learned how they lie", async () => {
    vi.stubGlobal(
      "fetch",
      vi.fn((input: RequestInfo | URL) =>
        String(input).endsWith("/series")
          ? Promise.resolve(new Response("{}", { status: 403 }))
          : serve(input),
      ),
    );
    open();
    expect(await films()).toHaveTextContent(/^own-s0#1 of 4 old-s0#\? of 4/);
    expect(screen.getByRole("status")).toHaveTextContent(
      /Where the slices lie could not be loaded/,
    );
  });

  it("keep their place when another study is chosen", async () => {
    priors = [...priors, { ...(PRIORS[1] as Prior), modality: "CT", images: slices("older") }];
    open("?image=own-s3&frame=0");
    await films();
    await userEvent.click(screen.getByRole("button", { name: /No study date/ }));
    await waitFor(() =>
      expect(screen.getByTestId("films")).toHaveTextContent(/^own-s3#4 of 4 older-s0/),
    );
  });

  it("that match begin at the slices that do, and their matches are one line", async () => {
    detail = ct({ first_read: { id: "r" } }) as unknown as CaseDetail;
    matches = [1, 2].map((i) => ({
      ...MATCH,
      image_id: `own-s${i}`,
      film: { ...MATCH.film, id: `seen-s${i + 1}`, series_id: "seen" },
    }));
    open("?with=seen-s3");
    expect(await films()).toHaveTextContent(/^own-s2#3 of 4 seen-s3#4 of 4/);
    // What is said is of these two, also once others are on screen.
    expect(screen.getByRole("status")).toHaveTextContent(
      /^Slice 3 here and slice 4 there: Same picture/,
    );
    expect(screen.getByRole("button", { name: /2 slices match$/ })).toHaveAttribute(
      "aria-current",
      "true",
    );
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
