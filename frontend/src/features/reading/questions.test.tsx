/** Asking a colleague from the reading page, and replying there. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { staleKeys } from "@/api/live";
import { createQueryClient, keys } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseDetail, Me, Question } from "@/api/types";

import { AskDialog } from "./AskDialog";
import { forgetAllDrafts, forgetOthers } from "./drafts";
import { AskedByMe, AskedOfMe } from "./Questions";
import { isHeld } from "./useQuestions";

const ME = { id: "u-1", display_name: "Alice" } as Me;
const ALICE = { id: "u-1", display_name: "Alice" };
const BOB = { id: "u-2", display_name: "Bob" };
const BLIND = {
  id: "c-1",
  first_read: null,
  worklist: { slug: "emergency", mode: "blind_first" },
} as unknown as CaseDetail;
const SEALED = { ...BLIND, first_read: {} } as unknown as CaseDetail;
const TRIAGE = {
  ...BLIND,
  worklist: { ...BLIND.worklist, mode: "triage" },
} as unknown as CaseDetail;
const OF_ME: Question = {
  id: "q-1",
  asker: BOB,
  asked: ALICE,
  note: "Too straight?",
  asked_at: "2026-11-23T09:00:00Z",
  log_position: 7,
  reply: null,
};
const BY_ME: Question = { ...OF_ME, id: "q-2", asker: ALICE, asked: BOB };
const REPLY = { text: "Natural.", replied_at: "2026-11-23T09:05:00Z", log_position: 9 };

let questions: Question[];
let refusal: string | null;
let sent: { path: string; body: unknown }[];

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const path = String(input).replace("/api/v1", "");
  const json = (what: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(what), { status }));
  if (init?.method === "POST") {
    sent.push({ path, body: JSON.parse(String(init.body)) });
    if (refusal !== null) return json({ code: "already_asked", detail: refusal }, 409);
    if (!path.endsWith("/reply")) return json(BY_ME, 201);
    questions = questions.map((question) => ({ ...question, reply: REPLY }));
    return json(REPLY, 201);
  }
  return json(path.endsWith("/people") ? [ALICE, BOB] : questions);
}

function show(detail: CaseDetail, onClose: (() => void) | null = null) {
  return render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <MeProvider value={ME}>
        <h1>A case</h1>
        <AskedOfMe detail={detail} />
        <AskedByMe detail={detail} />
        {onClose === null ? null : <AskDialog detail={detail} onClose={onClose} />}
      </MeProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  sessionStorage.clear();
  [questions, refusal, sent] = [[], null, []];
  vi.stubGlobal("fetch", vi.fn(serve));
});
afterEach(() => vi.unstubAllGlobals());

describe("asking", () => {
  it("names everyone but oneself, and is sent by keyboard alone", async () => {
    const onClose = vi.fn();
    show(BLIND, onClose);
    expect(screen.getByRole("combobox", { name: "Whom" })).toHaveFocus();
    await screen.findByRole("option", { name: "Bob" });
    expect(screen.queryByRole("option", { name: "Alice" })).toBeNull();
    expect(screen.getByRole("button", { name: "Ask" })).toBeDisabled();
    await userEvent.selectOptions(screen.getByRole("combobox"), "Bob");
    await userEvent.type(screen.getByLabelText("Note (optional)"), "  Too straight? ");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(sent).toEqual([
      { path: "/cases/c-1/questions", body: { person_id: "u-2", note: "Too straight?" } },
    ]);
  });

  it("that is refused says why and keeps the note", async () => {
    refusal = "You have asked this colleague.";
    const onClose = vi.fn();
    show(BLIND, onClose);
    await screen.findByRole("option", { name: "Bob" });
    await userEvent.selectOptions(screen.getByRole("combobox"), "Bob");
    await userEvent.type(screen.getByLabelText("Note (optional)"), "Mine");
    await userEvent.click(screen.getByRole("button", { name: "Ask" }));
    expect(await screen.findByText(refusal)).toBeVisible();
    expect(screen.getByLabelText("Note (optional)")).toHaveValue("Mine");
    expect(onClose).not.toHaveBeenCalled();
  });

  it("says what will happen, by what this reader knows", () => {
    const words = (detail: CaseDetail) => {
      const page = show(detail, () => undefined);
      const text = page.container.textContent;
      page.unmount();
      return text;
    };
    expect(words(BLIND)).toContain("held back until you have sealed");
    expect(words(SEALED)).toContain("once your colleague has sealed");
    expect(words(TRIAGE)).toContain("sees the question at once");
  });
});

describe("who was asked", () => {
  it("reads the note and replies, once", async () => {
    questions = [OF_ME];
    show(BLIND);
    expect(await screen.findByText("Too straight?")).toBeVisible();
    const button = screen.getByRole("button", { name: "Reply" });
    expect(button).toBeDisabled();
    await userEvent.type(screen.getByLabelText("Your reply to Bob"), " Natural. ");
    await userEvent.click(button);
    expect(await screen.findByText(/You replied/)).toBeVisible();
    expect(sent).toEqual([
      { path: "/cases/c-1/questions/q-1/reply", body: { text: "Natural." } },
    ]);
    expect(screen.queryByRole("textbox")).toBeNull();
  });

  it("is told that a held note comes with the seal, and may reply before", async () => {
    questions = [{ ...OF_ME, note: null }];
    show(BLIND);
    expect(await screen.findByText(/shown once you have sealed/)).toBeVisible();
    expect(screen.getByLabelText("Your reply to Bob")).toBeVisible();
    expect((await axe.run(document.body)).violations.map(({ id }) => id)).toEqual([
      // The test's page has no landmarks; those of the shell are tested with it.
      "region",
    ]);
  });

  it("keeps the words of a reply that was not sent", async () => {
    questions = [OF_ME];
    refusal = "You have replied before.";
    show(BLIND);
    await userEvent.type(await screen.findByLabelText("Your reply to Bob"), "Natural.");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(await screen.findByText(/Not sent/)).toHaveTextContent(refusal);
    expect(screen.getByLabelText("Your reply to Bob")).toHaveValue("Natural.");
  });
});

describe("a reply that is being written", () => {
  const field = () => screen.findByLabelText("Your reply to Bob");

  it("stays in the tab until it is sent, each for its question", async () => {
    questions = [OF_ME, { ...OF_ME, id: "q-9", asker: { ...BOB, display_name: "Cem" } }];
    const first = show(BLIND);
    await userEvent.type(await field(), "Natural, I th");
    first.unmount();
    const second = show(BLIND);
    expect(await field()).toHaveValue("Natural, I th");
    expect(screen.getByLabelText("Your reply to Cem")).toHaveValue("");
    await userEvent.type(await field(), "ink.");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(await screen.findAllByText(/You replied/)).not.toHaveLength(0);
    expect(sent.at(-1)?.body).toEqual({ text: "Natural, I think." });
    second.unmount();
    expect(sessionStorage).toHaveLength(0);
  });

  it("is forgotten once emptied, with the sign-out, and when it was sent elsewhere", async () => {
    questions = [OF_ME];
    const page = show(BLIND);
    await userEvent.type(await field(), "x");
    expect(sessionStorage).toHaveLength(1);
    await userEvent.clear(await field());
    expect(sessionStorage).toHaveLength(0);
    await userEvent.type(await field(), "y");
    forgetOthers(ME.id);
    expect(sessionStorage).toHaveLength(1);
    forgetAllDrafts();
    expect(sessionStorage).toHaveLength(0);
    await userEvent.type(await field(), "z");
    page.unmount();
    questions = [{ ...OF_ME, reply: REPLY }];
    show(BLIND);
    await screen.findByText(/You replied/);
    expect(sessionStorage).toHaveLength(0);
  });

  it("is no other person's", async () => {
    questions = [OF_ME];
    const page = show(BLIND);
    await userEvent.type(await field(), "mine");
    page.unmount();
    forgetOthers("u-2");
    expect(sessionStorage).toHaveLength(0);
  });
});

describe("who asked", () => {
  it("is told of a reply only what the server tells, in words that hold either way", async () => {
    questions = [BY_ME];
    show(BLIND);
    expect(await screen.findByText(/A reply is shown once you have sealed/)).toBeVisible();
    expect(screen.queryByText(/No reply yet/)).toBeNull();
  });

  it("sees after the seal whether there is one", async () => {
    questions = [BY_ME, { ...BY_ME, id: "q-3", reply: REPLY }];
    show(SEALED);
    expect(await screen.findByText("No reply yet.")).toBeVisible();
    expect(screen.getByText("Natural.", { exact: false })).toBeVisible();
  });
});

it("replies are held on a blind worklist until the own seal, and nowhere else", () => {
  expect([BLIND, SEALED, TRIAGE].map(isHeld)).toEqual([true, false, false]);
});

it("news of a person makes the bell and the questions stale, of a case its questions", () => {
  const news = { id: "c-1", version: 1 };
  expect(staleKeys({ kind: "notification.changed", ...news })).toEqual([
    keys.notifications,
    keys.allQuestions,
    keys.worklists,
  ]);
  expect(staleKeys({ kind: "case.changed", worklist: "emergency", ...news })).toContainEqual(
    keys.questions("c-1"),
  );
});
