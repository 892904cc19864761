import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ReasonPicker } from "@/answering/ReasonPicker";
import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseDetail, Me, ReadOut, ReasonCode, VerdictOut } from "@/api/types";
import { ShortcutProvider } from "@/ui/shortcuts";

import { Adjudication } from "./Adjudication";
import { CaseEnd } from "./CaseEnd";
import { Reasons } from "./Answers";
import { changesToAsk, draftReducer, emptyDrafts } from "./machine";

const LEAD: Me = {
  id: "u-l",
  username: "lena",
  display_name: "Lena",
  role: "lead",
  site: { id: "s-1", name: "North" },
  permissions: ["read_cases", "adjudicate"],
  worklists: [],
};
const READER: Me = { ...LEAD, role: "radiologist", permissions: ["read_cases"] };
const CODES: ReasonCode[] = [
  {
    code: "uniform_grain",
    label: "Uniform grain",
    group: "against",
    hotkey: "2",
    active: true,
    version: 1,
  },
  {
    code: "old_reason",
    label: "An old reason",
    group: "against",
    hotkey: "",
    active: false,
    version: 3,
  },
];

const read = (name: string, answer: ReadOut["answer"]): ReadOut => ({
  id: `r-${name}`,
  answer,
  confidence: 4,
  reason_codes: [],
  reason_words: [],
  regions: [],
  note: `${name} looked at the grain`,
  mode: "blind_first",
  kind: "first",
  policy_version: 1,
  sealed_at: "2026-11-23T08:00:00Z",
  seal_sha256: "a".repeat(64),
  log_position: 4,
  reader: { id: name, display_name: name },
});
const verdict = (name: string, outcome: VerdictOut["outcome"]): VerdictOut => ({
  id: `v-${name}`,
  decision: outcome === "suspicious" ? "confirm" : "overrule",
  outcome,
  reason_codes: ["uniform_grain"],
  reason_words: [{ code: "uniform_grain", label: "Grain, as it was called", version: 1 }],
  regions: [],
  note: "",
  changed_mind_code: null,
  filed_at: "2026-11-23T08:01:00Z",
  log_position: 5,
  reader: { id: name, display_name: name },
  flagged: true,
  replaces: null,
  amend_reason: "",
});
const CASE = {
  id: "c-1",
  state: "adjudication",
  verdict: null,
  closed: null,
} as unknown as CaseDetail;

let client: QueryClient;
let isDown = false;
let calls: { url: string; method: string; body: unknown }[] = [];

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : null;
  calls.push({ url: String(input), method: init?.method ?? "GET", body });
  if (isDown) return Promise.resolve(new Response("{}", { status: 403 }));
  const json = (what: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(what), { status }));
  if (init?.method === "POST") {
    return json({ filed_at: "2026-11-23T08:02:00Z", reopened_at: "2026-11-23T08:02:00Z" }, 201);
  }
  return json({
    readers: [
      { read: read("Alice", "authentic"), verdict: verdict("Alice", "authentic") },
      { read: read("Bob", "suspicious"), verdict: verdict("Bob", "suspicious") },
    ],
    ruling: null,
    reopenings: [],
  });
}

function Desk() {
  const [isOpen, setOpen] = useState(false);
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

  it("lets a lead re-open it, with a reason only", async () => {
    show(<CaseEnd detail={closed} onAmend={null} />);
    await userEvent.click(screen.getByRole("button", { name: "Re-open the case" }));
    const send = screen.getByRole("button", { name: "Re-open" });
    expect(send).toBeDisabled();
    await userEvent.type(screen.getByLabelText("Why"), "A prior film turned up.");
    await userEvent.click(send);
    await waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toEqual({
      url: "/api/v1/cases/c-1/reopen",
      method: "POST",
      body: { reason: "A prior film turned up." },
    });
  });
});

describe("an amendment", () => {
  it("starts from the verdict that it replaces", () => {
    const old = { ...verdict("Alice", "authentic"), note: "Too clean." };
    const { verdict: draft } = draftReducer(emptyDrafts, { type: "amend", verdict: old });
    expect(draft).toEqual({
      decision: "overrule",
      reasonCodes: ["uniform_grain"],
      regions: [],
      note: "Too clean.",
      changedMindCode: null,
    });
  });
});

describe("reasons", () => {
  function pickerWith(onToggle: (code: string) => void) {
    render(<ReasonPicker label="Why" codes={CODES} picked={[]} onToggle={onToggle} />);
    return screen.getByRole("combobox");
  }

  it("are picked by their digit while nothing is typed", async () => {
    const onToggle = vi.fn();
    await userEvent.type(pickerWith(onToggle), "2");
    expect(onToggle).toHaveBeenCalledExactlyOnceWith("uniform_grain");
    expect(screen.getByRole("combobox")).toHaveValue("");
  });

  it("without a digit of their own are picked by Shift and a digit", async () => {
    const onToggle = vi.fn();
    const plain = { ...CODES[0]!, code: "too_straight", label: "Too straight", hotkey: "" };
    render(
      <ReasonPicker label="Why" codes={[...CODES, plain]} picked={[]} onToggle={onToggle} />,
    );
    const box = screen.getByRole("combobox");
    await userEvent.click(box);
    // What Shift makes of the key depends on the layout; the key does not.
    fireEvent.keyDown(box, { key: "!", code: "Digit1", shiftKey: true });
    expect(onToggle).toHaveBeenCalledExactlyOnceWith("too_straight");
  });

  it("are searched by a digit after a letter, or one that no reason has", async () => {
    const onToggle = vi.fn();
    const box = pickerWith(onToggle);
    await userEvent.type(box, "7x2");
    expect(onToggle).not.toHaveBeenCalled();
    expect(box).toHaveValue("7x2");
  });

  it("that are retired are not offered, but named where they were given", async () => {
    await userEvent.click(pickerWith(vi.fn()));
    expect(screen.getByText("Uniform grain")).toBeInTheDocument();
    expect(screen.queryByText("An old reason")).toBeNull();
    render(<Reasons codes={CODES} given={["old_reason"]} words={[]} />);
    expect(screen.getByText("An old reason")).toBeInTheDocument();
  });

  it("are shown as they were worded when they were given", () => {
    const { reason_codes, reason_words } = verdict("Alice", "suspicious");
    render(<Reasons codes={CODES} given={reason_codes} words={reason_words} />);
    expect(screen.getByText("Grain, as it was called")).toBeInTheDocument();
  });
});

describe("what changed the reader's mind", () => {
  const slip: ReasonCode = { ...CODES[0]!, code: "slip", group: "changed_mind", hotkey: "4" };
  const codes = [...CODES, slip, { ...slip, code: "old", active: false }];
  const first = read("Alice", "authentic");

  it("is asked for a switch only, from the reasons in use", () => {
    expect(changesToAsk(codes, first, "confirm", true)).toEqual([slip]);
    expect(changesToAsk(codes, first, "overrule", true)).toEqual([]);
    expect(changesToAsk(codes, first, "inconclusive", true)).toEqual([]);
    expect(changesToAsk(codes, first, "confirm", null)).toEqual([]);
    expect(changesToAsk(codes, null, "confirm", true)).toEqual([]);
  });
});
