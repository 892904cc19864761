import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseDetail, DraftIn, DraftOut, RulingOut } from "@/api/types";
import { ShortcutProvider } from "@/ui/shortcuts";

import { Adjudication } from "./Adjudication";
import { CaseEnd } from "./CaseEnd";
import { CODES, LEAD, read, READER, verdict } from "./testRows";

const CASE = {
  id: "c-1",
  state: "adjudication",
  verdict: null,
  closed: null,
  images: [],
} as unknown as CaseDetail;

const FILMS = ["i-1", "i-2"].map((id) => ({ id, view: "PA", laterality: "" }));
const SAVED_AT = "2026-11-23T08:01:30Z";
const RULING: RulingOut = {
  id: "x-1",
  outcome: "suspicious",
  reason_codes: [],
  note: "Settled elsewhere.",
  filed_at: SAVED_AT,
  log_position: 9,
  adjudicator: { id: "u-2", display_name: "Leon" },
};

const keptAt = (revision: number, note: string): DraftOut => ({
  step: "ruling",
  revision,
  note,
  reason_codes: [],
  regions: [],
  saved_at: SAVED_AT,
});

let client: QueryClient;
let isDown = false;
let draft: DraftOut | null = null;
/** With which code drafts are refused. */
let refusal: string | null = null;
let isSettled = false;
/** Films that were signed, and the one that cannot be. */
let signed: string[] = [];
let refusedFilm: string | null = null;
/** Until when a save is not answered. */
let gate: Promise<void> = Promise.resolve();
let calls: { url: string; method: string; body: unknown }[] = [];

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : null;
  calls.push({ url: String(input), method: init?.method ?? "GET", body });
  if (isDown) return Promise.resolve(new Response("{}", { status: 403 }));
  const json = (what: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(what), { status }));
  if (init?.method === "PUT") {
    if (refusal !== null) return json({ code: refusal, detail: "No." }, 409);
    draft = { ...(body as DraftIn), step: "ruling", revision: 8, saved_at: SAVED_AT };
    return gate.then(() => json(draft));
  }
  if (String(input).endsWith("/drafts")) {
    return json({ read: null, verdict: null, ruling: draft });
  }
  if (String(input).endsWith("/authorizations")) {
    const films = ["i-1", "i-2"];
    const signable = films.filter((id) => !signed.includes(id));
    return json({ signable, signed: signed.map((id) => ({ id: `a-${id}`, image_id: id })) });
  }
  const film = /films\/(.*)\/authorization/.exec(String(input))?.[1];
  if (film !== undefined) {
    if (film === refusedFilm)
      return json({ code: "cannot_sign", detail: "It cannot be signed." }, 409);
    signed = [...signed, film];
    return json({ id: `a-${film}`, image_id: film, signed_at: SAVED_AT, log_position: 3 }, 201);
  }
  if (init?.method === "POST") {
    return json({ filed_at: "2026-11-23T08:02:00Z", reopened_at: "2026-11-23T08:02:00Z" }, 201);
  }
  return json({
    readers: [
      { read: read("Alice", "authentic"), verdict: verdict("Alice", "authentic") },
      { read: read("Bob", "suspicious"), verdict: verdict("Bob", "suspicious") },
    ],
    ruling: isSettled ? RULING : null,
    reopenings: [],
  });
}

function Desk({ isOpenAtFirst = false }: { isOpenAtFirst?: boolean }) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  return (
    <Adjudication detail={CASE} codes={CODES} isOpen={isOpen} onOpen={() => setOpen(true)} />
  );
}

function show(what: React.ReactNode, me = LEAD) {
  return render(
    <QueryClientProvider client={client}>
      <ShortcutProvider>
        <MeProvider value={me}>{what}</MeProvider>
      </ShortcutProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  calls = [];
  isDown = false;
  signed = [];
  refusedFilm = null;
  [draft, refusal, isSettled, gate] = [null, null, false, Promise.resolve()];
  sessionStorage.clear();
  client = createQueryClient(() => undefined);
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal("fetch", vi.fn(serve));
});
afterEach(() => vi.unstubAllGlobals());

describe("adjudication", () => {
  it("asks the server for no answer before the adjudicator says so", async () => {
    show(<Desk />);
    expect(screen.getByText(/goes on the log/)).toBeInTheDocument();
    await new Promise((done) => setTimeout(done, 20));
    expect(calls).toEqual([]);
    expect(screen.queryByText("Alice")).toBeNull();
  });

  it("shows both readers side by side and files an outcome with its reasons", async () => {
    const { container } = show(<Desk />);
    await userEvent.click(screen.getByRole("button", { name: /Show the answers/ }));
    await screen.findByRole("heading", { name: "Alice" });
    expect(screen.getByRole("heading", { name: "Bob" })).toBeInTheDocument();
    expect(screen.getByText("Bob looked at the grain")).toBeInTheDocument();
    const settle = screen.getByRole("button", { name: "Settle the case" });
    expect(settle).toBeDisabled();
    await userEvent.click(screen.getByRole("button", { name: "Suspicious" }));
    await userEvent.type(screen.getByRole("combobox"), "grain{Enter}");
    expect(settle).toBeDisabled();
    await userEvent.type(screen.getByLabelText("Reason in words"), " The grain repeats. ");
    expect((await axe.run(container)).violations).toEqual([]);
    await userEvent.click(settle);
    await waitFor(() => expect(calls.some((call) => call.method === "POST")).toBe(true));
    expect(calls.find((call) => call.method === "POST")).toEqual({
      url: "/api/v1/cases/c-1/adjudication",
      method: "POST",
      body: {
        verdicts: ["v-Alice", "v-Bob"],
        outcome: "suspicious",
        reason_codes: ["uniform_grain"],
        note: "The grain repeats.",
      },
    });
  });
});

describe("a ruling being written", () => {
  it("stays when the answers could not be read again", async () => {
    show(<Desk />);
    await userEvent.click(screen.getByRole("button", { name: /Show the answers/ }));
    await screen.findByRole("heading", { name: "Alice" });
    await userEvent.click(screen.getByRole("button", { name: "Suspicious" }));
    await userEvent.type(screen.getByLabelText("Reason in words"), "The grain repeats.");
    isDown = true;
    // As news of the case does.
    await client.invalidateQueries({ queryKey: ["case", "c-1"] });
    expect(await screen.findByText(/Not refreshed/)).toBeInTheDocument();
    expect(screen.getByLabelText("Reason in words")).toHaveValue("The grain repeats.");
    isDown = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByText(/Not refreshed/)).toBeNull());
    expect(screen.getByLabelText("Reason in words")).toHaveValue("The grain repeats.");
    expect(screen.getByRole("button", { name: "Suspicious" })).toHaveAttribute(
      "aria-pressed",
      "true",
    );
  });

  it("is not begun while the answers could not be read at all", async () => {
    isDown = true;
    show(<Desk />);
    await userEvent.click(screen.getByRole("button", { name: /Show the answers/ }));
    expect(await screen.findByText("The answers could not be loaded")).toBeInTheDocument();
    expect(screen.queryByLabelText("Reason in words")).toBeNull();
  });
});

describe("the draft of a ruling", () => {
  const words = () => screen.findByLabelText("Reason in words");
  const saves = () => calls.filter(({ method }) => method === "PUT");
  /** The field that said it would be kept, by the name the tab keeps it under. */
  const inTab = () => sessionStorage.getItem("truefilm.read.u-l.ruling.c-1") ?? "";

  it("is saved by itself, called saved only then, and comes back", async () => {
    let answer = (): void => undefined;
    gate = new Promise((resolve) => (answer = resolve));
    const page = show(<Desk isOpenAtFirst />);
    await userEvent.type(await words(), "The grain");
    await userEvent.click(screen.getByRole("button", { name: "Suspicious" }));
    expect(inTab()).toContain("The grain");
    await waitFor(() => expect(saves()).toHaveLength(1), { timeout: 4_000 });
    expect(saves()[0]).toMatchObject({
      url: "/api/v1/cases/c-1/drafts/ruling",
      body: { reason_codes: [], regions: [], revision: 0 },
    });
    expect(screen.queryByText(/Draft saved/)).toBeNull();
    answer();
    await screen.findByText(/^Draft saved .* Only you can see it\.$/, {}, { timeout: 4_000 });
    page.unmount();
    // On another machine.
    sessionStorage.clear();
    show(<Desk isOpenAtFirst />);
    await waitFor(async () => expect(await words()).toHaveValue("The grain"));
    expect(screen.getByRole("button", { name: "Suspicious" })).toHaveAttribute(
      "aria-pressed",
      "true",
    );
  });

  it("that was changed elsewhere is not saved until the adjudicator chooses", async () => {
    draft = keptAt(5, "There");
    const page = show(<Desk isOpenAtFirst />);
    await waitFor(async () => expect(await words()).toHaveValue("There"));
    draft = keptAt(6, "There, and more");
    refusal = "draft_changed";
    await userEvent.type(await words(), " and here");
    await userEvent.click(
      await screen.findByRole("button", { name: "Take the other draft" }, { timeout: 4_000 }),
    );
    await waitFor(async () => expect(await words()).toHaveValue("There, and more"));
    page.unmount();
  });

  it("is not called saved when it is not, and says where it is kept", async () => {
    refusal = "not_in_adjudication";
    show(<Desk isOpenAtFirst />);
    await userEvent.type(await words(), "The grain");
    await screen.findByText(/^Not saved\. .*kept in this tab\.$/, {}, { timeout: 4_000 });
    expect(screen.queryByText(/Draft saved/)).toBeNull();
  });

  it("is not sent behind the ruling itself, and is forgotten where the case is settled", async () => {
    const page = show(<Desk isOpenAtFirst />);
    await userEvent.type(await words(), "The grain.");
    await userEvent.click(screen.getByRole("button", { name: "Suspicious" }));
    await userEvent.type(screen.getByRole("combobox"), "grain{Enter}");
    isSettled = true;
    await userEvent.click(screen.getByRole("button", { name: "Settle the case" }));
    await screen.findByText("Settled by Leon");
    page.unmount();
    const methods = calls.map(({ method }) => method);
    expect(methods.slice(methods.indexOf("POST"))).not.toContain("PUT");
    expect(sessionStorage).toHaveLength(0);
  });
});

describe("the end of a case", () => {
  const closed = {
    ...CASE,
    state: "done",
    verdict: verdict("Alice", "authentic"),
    closed: { outcome: "suspicious", how: "adjudicated" },
  } as CaseDetail;

  it("says how it was closed, and offers to amend", async () => {
    const onAmend = vi.fn();
    show(<CaseEnd detail={closed} onAmend={onAmend} />, READER);
    expect(screen.getByText("Closed: suspicious, settled by an adjudicator.")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Re-open/ })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Amend your verdict" }));
    expect(onAmend).toHaveBeenCalledOnce();
  });

  it("tells the first reader that another reads, and not what is found", () => {
    const waiting = { ...closed, state: "second_read", closed: null } as CaseDetail;
    show(<CaseEnd detail={waiting} onAmend={null} />, READER);
    expect(screen.getByText(/Another reader reads this case/)).toBeVisible();
  });

  it("has its films signed, one entry of the log each, and gives them out", async () => {
    const mine = { ...closed, images: FILMS } as unknown as CaseDetail;
    show(<CaseEnd detail={mine} onAmend={null} />, READER);
    await userEvent.click(
      await screen.findByRole("button", { name: "Sign 2 films as authentic" }),
    );
    const copies = await screen.findAllByRole("link", { name: /Signed copy/ });
    expect(copies.map((link) => link.getAttribute("href"))).toEqual([
      "/api/v1/cases/c-1/authorizations/a-i-1/file",
      "/api/v1/cases/c-1/authorizations/a-i-2/file",
    ]);
    expect(screen.queryByRole("button", { name: /Sign/ })).toBeNull();
    const posted = calls.filter(({ method }) => method === "POST").map(({ url }) => url);
    expect(posted).toEqual([
      "/api/v1/cases/c-1/films/i-1/authorization",
      "/api/v1/cases/c-1/films/i-2/authorization",
    ]);
  });

  it("says why a film was not signed, and keeps those that were", async () => {
    refusedFilm = "i-2";
    const mine = { ...closed, images: FILMS } as unknown as CaseDetail;
    show(<CaseEnd detail={mine} onAmend={null} />, READER);
    await userEvent.click(
      await screen.findByRole("button", { name: "Sign 2 films as authentic" }),
    );
    expect(await screen.findByRole("alert")).toHaveTextContent("cannot be signed");
    expect(await screen.findAllByRole("link", { name: /Signed copy/ })).toHaveLength(1);
    expect(screen.getByRole("button", { name: "Sign the film as authentic" })).toBeEnabled();
  });

  it("asks for no signed films before the case is closed", async () => {
    show(
      <CaseEnd
        detail={{ ...closed, closed: null, state: "second_read" } as CaseDetail}
        onAmend={null}
      />,
      READER,
    );
    await Promise.resolve();
    expect(calls).toHaveLength(0);
  });

  it("lets a lead re-open it, with a reason only", async () => {
    show(<CaseEnd detail={closed} onAmend={null} />);
    await userEvent.click(screen.getByRole("button", { name: "Re-open the case" }));
    const send = screen.getByRole("button", { name: "Re-open" });
    expect(send).toBeDisabled();
    await userEvent.type(screen.getByLabelText("Why"), "A prior film turned up.");
    await userEvent.click(send);
    const posts = () => calls.filter(({ method }) => method === "POST");
    await waitFor(() => expect(posts()).toHaveLength(1));
    expect(posts()[0]).toEqual({
      url: "/api/v1/cases/c-1/reopen",
      method: "POST",
      body: { reason: "A prior film turned up." },
    });
  });
});
