/** Practice by keyboard alone, the film itself left out: answer, be told, go on. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes, useParams } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import type {
  PracticeFeedback,
  PracticeFilm,
  PracticeProgress,
  PracticeSession,
  ReasonCode,
} from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";
import type { FilmViewerProps } from "@/viewer";

import { FilmPage } from "./FilmPage";
import { PracticePage } from "./PracticePage";

vi.mock("@/viewer", () => ({
  FilmViewer: ({ allowsForensic, highlights, onAddRegion, imageId }: FilmViewerProps) => (
    <div
      data-testid="film"
      data-image={imageId}
      data-forensic={allowsForensic}
      data-outlined={highlights.map((one) => `${one.row},${one.column}`).join()}
    >
      <button
        type="button"
        disabled={onAddRegion === null}
        onClick={() =>
          onAddRegion?.({
            image_id: imageId,
            frame: 0,
            kind: "box",
            points: [
              [1, 2],
              [3, 4],
            ],
          })
        }
      >
        draw
      </button>
    </div>
  ),
  describeRegion: () => "a region",
}));
vi.mock("@/imaging/cornerstone", () => ({ films: { prefetch: () => undefined } }));

const code = (name: string, hotkey: string): ReasonCode => ({
  code: name,
  label: name.replaceAll("_", " "),
  group: "against",
  hotkey,
  active: true,
  version: 1,
});
const CODES = [code("uniform_grain", "2"), code("copied_region", "7")];
const TOLD: PracticeFeedback = {
  is_right: true,
  truth: "altered",
  kind: "region_copied",
  explanation: "Look at the square.",
  given: {
    answer: "suspicious",
    confidence: 4,
    reason_codes: ["uniform_grain"],
    regions: [],
    answered_at: "2026-11-23T08:00:00Z",
  },
  named_codes: [],
  missed_codes: ["copied_region"],
  other_codes: ["uniform_grain"],
  regions: [{ row: 5, column: 6, height: 7, width: 8, frame: 0, found: false }],
  stray_marks: 1,
  lanes: "waiting",
  evidence: null,
};

let session: PracticeSession;
let films: Record<string, PracticeFilm>;
let sent: { path: string; body: Record<string, unknown> }[] = [];
let asked: string[] = [];
let films_there = 2;
let progress: PracticeProgress;
let refusal: { status: number; code: string; detail: string } | null = null;

const NONE = { value: null, low: null, high: null, n: 0 };
const HALF = { value: 0.5, low: 0.09, high: 0.91, n: 2 };

function film(id: string, number: number): PracticeFilm {
  return {
    id,
    session_id: "p-1",
    number,
    of: 2,
    description: "Chest PA",
    modality: "DX",
    rows: 9,
    columns: 9,
    frame_count: 1,
    is_withdrawn: false,
    feedback: null,
  };
}

function answered(id: string): PracticeFilm {
  session = {
    ...session,
    films: session.films.map((place) =>
      place.id === id ? { ...place, is_answered: true, is_right: true } : place,
    ),
  };
  films[id] = { ...film(id, id === "f-1" ? 1 : 2), feedback: TOLD };
  return films[id];
}

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const path = String(input).replace("/api/v1", "");
  const json = (what: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(what), { status }));
  if (init?.method === "POST") {
    if (refusal)
      return json({ title: "Refused", type: "about:blank", ...refusal }, refusal.status);
    sent.push({ path, body: JSON.parse(String(init.body ?? "{}")) as Record<string, unknown> });
    if (path === "/practice/sessions") return json(session, 201);
    if (path.endsWith("/end")) {
      session = { ...session, ended_at: "2026-11-23T08:10:00Z" };
      return json(session);
    }
    return json(answered(path.split("/")[3] ?? ""), 201);
  }
  asked.push(path);
  if (path === "/reason-codes") return json(CODES);
  if (path === "/practice/progress") return json(progress);
  if (path.startsWith("/practice/sessions/")) return json(session);
  if (path === "/practice") {
    const open = session.films.length > 0 && session.ended_at === null ? session : null;
    return json({ films: films_there, ended_sessions: 0, session: open });
  }
  return json(films[path.split("/")[3] ?? ""]);
}

function Film() {
  return <FilmPage key={useParams()["id"]} />;
}

function open(path: string) {
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <ShortcutProvider>
        <HintProvider>
          <MemoryRouter initialEntries={[path]}>
            <Routes>
              <Route path="/practice" element={<PracticePage />} />
              <Route path="/practice/:id" element={<Film />} />
            </Routes>
          </MemoryRouter>
        </HintProvider>
      </ShortcutProvider>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

async function openFilm(id = "f-1") {
  const user = open(`/practice/${id}`);
  await screen.findByRole("heading", { name: /Film/ });
  await waitFor(() => expect(asked).toContain("/reason-codes"));
  return user;
}

beforeEach(() => {
  session = {
    id: "p-1",
    started_at: "2026-11-23T07:00:00Z",
    ended_at: null,
    films: [
      { id: "f-1", is_answered: false, is_right: null, is_withdrawn: false },
      { id: "f-2", is_answered: false, is_right: null, is_withdrawn: false },
    ],
  };
  films = { "f-1": film("f-1", 1), "f-2": film("f-2", 2) };
  [sent, asked, films_there, refusal] = [[], [], 2, null];
  progress = {
    films: 0,
    answers: 0,
    cannot_tell: 0,
    sensitivity: NONE,
    specificity: NONE,
    calibration: [],
    kinds: [],
    sessions: [],
  };
  vi.stubGlobal("fetch", vi.fn(serve));
  Element.prototype.scrollTo = (() => undefined) as typeof Element.prototype.scrollTo;
});
afterEach(() => vi.unstubAllGlobals());

describe("a practice film by keyboard alone", () => {
  it("is answered with Enter, tells the truth, and goes on with Enter", async () => {
    const user = await openFilm();
    const viewer = screen.getByTestId("film");
    expect(viewer).toHaveAttribute("data-forensic", "false");
    expect(viewer).toHaveAttribute("data-outlined", "");
    await user.click(screen.getByRole("button", { name: "draw" }));
    await user.keyboard("s4y");
    expect(screen.getByRole("combobox")).toHaveFocus();
    await user.keyboard("2{Enter}");
    const title = await screen.findByRole("heading", { name: "Right. This film is altered." });
    expect(title).toHaveFocus();
    expect(sent).toEqual([
      {
        path: "/practice/films/f-1/answer",
        body: {
          answer: "suspicious",
          confidence: 4,
          reason_codes: ["uniform_grain"],
          regions: [
            {
              image_id: "f-1",
              frame: 0,
              kind: "box",
              points: [
                [1, 2],
                [3, 4],
              ],
            },
          ],
        },
      },
    ]);
    const rail = screen.getByRole("region", { name: "The truth" });
    expect(rail).toHaveTextContent("Look at the square.");
    expect(within(rail).getByText("copied region")).toHaveTextContent(/not named/);
    expect(rail).toHaveTextContent("You also named: uniform grain.");
    expect(rail).toHaveTextContent("You did not mark the altered part");
    expect(screen.getByText(/The lanes have not looked/)).toBeInTheDocument();
    expect(screen.getByTestId("film")).toHaveAttribute("data-forensic", "true");
    expect(screen.getByTestId("film")).toHaveAttribute("data-outlined", "5,6");
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: "Film 2 of 2" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /Answer and see/ })).toBeDisabled();
  });

  it("takes no answer that is not whole", async () => {
    const user = await openFilm();
    await user.keyboard("a{Enter}");
    expect(screen.getByText("Give your confidence, 1 to 5.")).toBeInTheDocument();
    expect(sent).toEqual([]);
  });

  it("asks the server for no truth, map or evidence before the answer", async () => {
    const user = await openFilm();
    await user.keyboard("a3hjk");
    expect(asked.filter((path) => /heatmap|evidence|progress/.test(path))).toEqual([]);
  });

  it("says so where an answer was not taken, and keeps it", async () => {
    refusal = { status: 503, code: "try_again", detail: "A part of the system is busy." };
    const user = await openFilm();
    await user.keyboard("a3{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent(/Not sent/);
    expect(screen.getByRole("button", { name: /Authentic/ })).toHaveAttribute(
      "aria-pressed",
      "true",
    );
  });

  it("leads from the last film to the progress", async () => {
    answered("f-1");
    const user = await openFilm("f-2");
    await user.keyboard("s5{Enter}");
    await screen.findByRole("heading", { name: /Right/ });
    expect(screen.getByRole("button", { name: /See your progress/ })).toBeInTheDocument();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: "Practice" })).toBeInTheDocument();
  });

  it("tells nothing of a film that became a case, and goes on", async () => {
    const user = await openFilm();
    films["f-1"] = { ...film("f-1", 1), is_withdrawn: true };
    session = {
      ...session,
      films: session.films.map((one) => ({ ...one, is_withdrawn: one.id === "f-1" })),
    };
    refusal = { status: 409, code: "film_withdrawn", detail: "This film is a case by now." };
    await user.keyboard("s4{Enter}");
    const title = await screen.findByRole("heading", { name: "This film is a case by now" });
    await waitFor(() => expect(title).toHaveFocus());
    expect(screen.queryByRole("button", { name: /Answer and see/ })).toBeNull();
    expect(screen.getByTestId("film")).toHaveAttribute("data-forensic", "false");
    expect(screen.getByRole("button", { name: "draw" })).toBeDisabled();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: "Film 2 of 2" })).toBeInTheDocument();
  });

  it("says so where the lanes failed, and asks no more", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      answered("f-1");
      films["f-1"] = { ...film("f-1", 1), feedback: { ...TOLD, lanes: "failed" } };
      await openFilm();
      expect(await screen.findByText(/The lanes could not look/)).toBeInTheDocument();
      asked = [];
      await vi.advanceTimersByTimeAsync(20_000);
      expect(asked).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is not gone past by a held Enter", async () => {
    const user = await openFilm();
    await user.keyboard("s4");
    const press = (repeat: boolean) =>
      document.body.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, repeat }),
      );
    press(false);
    await screen.findByRole("heading", { name: "Right. This film is altered." });
    expect(press(true)).toBe(false);
    expect(screen.getByRole("heading", { name: "Film 1 of 2" })).toBeInTheDocument();
    press(false);
    expect(await screen.findByRole("heading", { name: "Film 2 of 2" })).toBeInTheDocument();
  });

  it("hides and shows the outline", async () => {
    answered("f-1");
    const user = await openFilm();
    const chip = await screen.findByRole("button", { name: "Outline on the film" });
    await user.click(chip);
    expect(screen.getByTestId("film")).toHaveAttribute("data-outlined", "");
    await user.click(chip);
    expect(screen.getByTestId("film")).toHaveAttribute("data-outlined", "5,6");
  });
});

describe("the practice page", () => {
  it("says that there is nothing to practise on", async () => {
    films_there = 0;
    session = { ...session, films: [] };
    open("/practice");
    expect(await screen.findByText("There is no film to practise on yet")).toBeInTheDocument();
  });

  it("begins, and opens the first film", async () => {
    session = { ...session, ended_at: "2026-11-23T07:30:00Z" };
    const user = open("/practice");
    await user.click(await screen.findByRole("button", { name: "Begin to practise" }));
    expect(await screen.findByRole("heading", { name: "Film 1 of 2" })).toBeInTheDocument();
    expect(sent[0]?.path).toBe("/practice/sessions");
  });

  it("goes on with the first film that waits, or ends there", async () => {
    answered("f-1");
    const user = open("/practice");
    const goOn = await screen.findByRole("link", { name: "Go on" });
    expect(goOn).toHaveAttribute("href", "/practice/f-2");
    expect(screen.getByText("You have answered 1 of 2 films.")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "End it here" }));
    expect(await screen.findByRole("button", { name: "Begin to practise" })).toBeEnabled();
  });

  it("shows shares with their intervals and numbers", async () => {
    progress = {
      ...progress,
      films: 2,
      answers: 3,
      cannot_tell: 1,
      sensitivity: HALF,
      calibration: [{ confidence: 5, right: HALF }],
      kinds: [{ kind: "whole_film", truth: "generated", right: HALF }],
      sessions: [
        {
          session_id: "p-1",
          started_at: "2026-11-23T07:00:00Z",
          answers: 2,
          new_films: 1,
          right: HALF,
        },
      ],
    };
    open("/practice");
    const rate = await screen.findByRole("region", { name: "Sensitivity" });
    expect(rate).toHaveTextContent("1 of 2 generated or altered films");
    expect(screen.getByRole("region", { name: "Specificity" })).toHaveTextContent("none yet");
    const kinds = screen.getByRole("region", { name: "By kind of film" });
    expect(within(kinds).getByRole("row", { name: /Whole film generated/ })).toHaveTextContent(
      "50 %9 % to 91 %2",
    );
  });
});
