/** The main pages in German: every word on them came from the catalogue, or from the server. */
import { i18n, type Messages } from "@lingui/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { startLanguage } from "./language";

/** Marks what the catalogue gave, and in the answers below what a server would give. */
const marked = (text: string) => `⟦${text}⟧`;

const SHARE = { value: 0.5, low: 0.25, high: 0.75, n: 4 };
const AT = "2026-11-22T18:52:07Z";
const PERSON = { id: "u-1", display_name: marked("Ada") };
const HASH = "0".repeat(64);

const CASE = {
  id: "c-1",
  version: 1,
  received_at: AT,
  patient: { name: marked("Anna"), patient_id: "1", age_years: 54, sex: "F" },
  modality: "DX",
  description: marked("Chest"),
  accession_number: "1",
  view_count: 2,
  state: "ready",
  progress: { done: 3, total: 6 },
  claimed_by: PERSON,
  claim_expires_at: AT,
  read_phase: "unread",
  priority: "urgent",
  due_at: "2020-01-01T00:00:00Z",
};
const FLAGGED = {
  ...CASE,
  id: "c-2",
  priority: "stat",
  state: "analysing",
  claimed_by: null,
  due_at: "2090-01-01T00:00:00Z",
  triage: { suspicion: 0.97, flagged: true, top_lane: "synthesis", reason: marked("grain") },
};

const ANSWERS: Record<string, unknown> = {
  me: {
    id: "u-1",
    username: marked("ada"),
    display_name: marked("Ada"),
    role: "lead",
    site: { id: "s-1", name: marked("North") },
    permissions: [
      "read_cases",
      "adjudicate",
      "upload",
      "view_quarantine",
      "view_audit",
      "view_insights",
      "export_labels",
      "view_models",
      "administer",
      "assign_cases",
      "share_views",
      "export_cases",
    ],
    worklists: [
      { id: "w-1", slug: "blind", name: marked("Blind"), mode: "blind_first", open_count: 2 },
      { id: "w-2", slug: "desk", name: marked("Desk"), mode: "triage", open_count: 2 },
    ],
  },
  "blind/cases": {
    items: [CASE],
    next_cursor: null,
    total: 1,
    is_total_exact: true,
  },
  "desk/cases": {
    items: [FLAGGED],
    next_cursor: null,
    total: 1000,
    is_total_exact: false,
  },
  views: [],
  people: [PERSON],
  queues: { mine: 1, unclaimed: 1001, second_reads: 3, adjudication: 4 },
  uploads: {
    items: [
      {
        id: "b-1",
        worklist: "blind",
        claim_reference: "1",
        created_at: AT,
        created_by: null,
        source: marked("watch"),
        state: "settled",
        counts: { stored: 1, duplicate: 0, quarantined: 1 },
        total: 2,
      },
    ],
    next_cursor: null,
  },
  quarantine: {
    items: [
      {
        id: "q-1",
        file_name: "1",
        size_bytes: 12_345,
        code: "truncated",
        reason: "The file is cut off: it ends inside its pixel data.",
        received_at: AT,
        sha256: HASH,
        source: marked("watch"),
      },
    ],
    next_cursor: null,
  },
  "audit/kinds": [{ kind: "read_sealed", label: "Read sealed" }],
  "audit/events": {
    items: ["read_sealed", "sign_in_failed", "case_assigned"].map((kind, position) => ({
      position,
      kind,
      label: "Label of the server",
      actor: kind === "sign_in_failed" ? null : PERSON,
      case_id: kind === "sign_in_failed" ? null : "00000000",
      occurred_at: AT,
      leaf_hash: HASH,
      subject: "00000000",
      text: "",
    })),
    next_cursor: null,
    root_hash: HASH,
    tree_size: 3,
  },
  labels: {
    items: [
      {
        label_id: "l-1",
        case_id: "c-1",
        filed_at: AT,
        outcome: "suspicious",
        is_demo: true,
        first_answer: "cannot_tell",
        confidence: 3,
        decision: "overrule",
        reason_codes: [marked("grain")],
        flagged: true,
        suspicion: 0.97,
        mode: "blind_first",
        reader: marked("Ada"),
        image_sha256: HASH,
        pipeline_version: "1",
      },
    ],
    next_cursor: null,
    total: 1,
  },
  "insights/summary": {
    open_cases: 2,
    oldest_open_minutes: 125,
    verdicts: 4,
    flags_decided: 4,
    flags_overruled: 2,
    overrule_rate: SHARE,
    agreement: SHARE,
    lanes: [{ lane: "tamper", runs: 4, findings: 2, not_assessable: 1, median_seconds: 1.5 }],
    switches: { suspicious_to_authentic: 1, authentic_to_suspicious: 0 },
  },
  "me/reading": {
    reads: 4,
    blind_reads: 4,
    verdicts: 4,
    seconds_to_seal: 41,
    seconds_to_verdict: 119,
    against_truth: {
      first_right: SHARE,
      final_right: SHARE,
      right_to_wrong: { value: null, low: null, high: null, n: 0 },
      wrong_to_right: SHARE,
    },
  },
  models: [
    {
      name: "synthesis",
      version: "1",
      stage: "active",
      sha256: HASH,
      trained_at: AT,
      licence: "",
      metrics: { auc: 0.9, leak_probe_auc: 0.5 },
      card: {},
    },
  ],
};

function answer(input: RequestInfo | URL): Promise<Response> {
  const path = String(input).split("?")[0] ?? "";
  const name = Object.keys(ANSWERS).find((each) => path.endsWith(`/${each}`));
  if (name !== undefined) return Promise.resolve(Response.json(ANSWERS[name]));
  if (path.endsWith("/worklists")) {
    return Promise.resolve(Response.json((ANSWERS["me"] as { worklists: unknown }).worklists));
  }
  const problem = { status: 404, code: "not_found", detail: "English words of the server." };
  return Promise.resolve(Response.json(problem, { status: 404 }));
}

class SilentSocket extends EventTarget {
  close(): void {}
  send(): void {}
}

/** Units, keys, names and the short month that are the same in every language. */
const SAME = new Set(
  (
    "Truefilm English Deutsch Nov min kB MB px AUC SHA Esc Enter " +
    "CR DX MG CT MR XA RF IO PX OT"
  ).split(" "),
);

/** What is read out or shown and was not marked, without digits, signs and `SAME`. */
function unmarked(): string[] {
  const said: string[] = [document.title];
  let shown = "";
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext"]) {
      said.push(element.getAttribute(name) ?? "");
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement?.closest("code, pre, style")) {
      // A sentence with a link in it is several nodes: its mark opens in one, closes in another.
      shown += ` ${walker.currentNode.textContent ?? ""}`;
    }
  }
  return [...said, shown]
    .map((text) => {
      let rest = text;
      // Marks lie inside each other where words are given to a sentence.
      while (/⟦[^⟦⟧]*⟧/.test(rest)) rest = rest.replace(/⟦[^⟦⟧]*⟧/g, " ");
      return rest;
    })
    .flatMap((text) => text.match(/\p{L}{2,}/gu) ?? [])
    .filter((word) => !SAME.has(word));
}

beforeAll(async () => {
  await startLanguage("de");
  const messages: Messages = {};
  for (const [id, message] of Object.entries(i18n.messages)) {
    messages[id] = (
      typeof message === "string" ? marked(message) : ["⟦", ...message, "⟧"]
    ) as Messages[string];
  }
  i18n.loadAndActivate({ locale: "de", messages });
});

beforeEach(() => {
  vi.stubGlobal("fetch", answer);
  vi.stubGlobal("WebSocket", SilentSocket);
  // jsdom lays nothing out, and a virtual list of no height shows no row.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(900);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function open(path: string): Promise<void> {
  window.history.replaceState(null, "", path);
  const { App } = await import("../app/App");
  render(<App />);
}

/** A page and something on it that shows that its data have come. */
const PAGES: [path: string, proof: RegExp][] = [
  ["/worklists/blind", /Anna/],
  ["/worklists/desk", /grain/],
  ["/worklists/desk?modality=XX&f=nonsense%3A1", /Einen Filter/],
  ["/worklists/nowhere", /gibt es nicht/],
  ["/upload", /watch/],
  ["/quarantine", /abgeschnitten/],
  ["/audit", /versiegelt, für/],
  ["/audit?entry=0", /Beweis konnte nicht geladen werden/],
  ["/learning", /nicht entscheidbar/],
  ["/learning?tab=models", /Leckprobe/],
  ["/insights", /Übersteuerte Hinweise/],
  ["/me/reading", /Vom Ansehen zum Versiegeln/],
  ["/cases/c-9", /konnte nicht geöffnet werden/],
  ["/cases/c-9/compare", /konnte nicht geöffnet werden/],
  ["/nowhere", /Unter dieser Adresse/],
];

describe("in German", () => {
  it.each(PAGES)("%s has no word that is not marked", async (path, proof) => {
    await open(path);
    await screen.findAllByText(proof, undefined, { timeout: 15_000 });
    expect(unmarked()).toEqual([]);
  });

  it("menu, search and the sheet of keys have none either", async () => {
    const user = userEvent.setup();
    await open("/worklists/blind");
    await screen.findAllByText(/Anna/);
    await user.click(screen.getByRole("button", { name: /Konto von/ }));
    await screen.findByText(/Erscheinungsbild/);
    expect(unmarked()).toEqual([]);
    await user.keyboard("{Escape}");
    await user.keyboard("{Control>}k{/Control}");
    await screen.findByRole("combobox", { name: /Fälle, Seiten und Aktionen/ });
    expect(unmarked()).toEqual([]);
    await user.click(screen.getByRole("option", { name: /Tasten dieser Seite zeigen/ }));
    await screen.findByText(/Tasten auf dieser Seite/);
    expect(unmarked()).toEqual([]);
  });

  it("the bar of chosen cases has none either, and what it tells", async () => {
    const user = userEvent.setup();
    await open("/worklists/blind");
    await screen.findAllByText(/Anna/);
    await user.keyboard("jx");
    await screen.findByRole("toolbar");
    expect(unmarked()).toEqual([]);
    await user.click(screen.getByRole("button", { name: /Übernehmen/ }));
    await screen.findByText(/Hier ist nichts, oder Sie dürfen es nicht sehen/);
    expect(unmarked()).toEqual([]);
  });
});

it("writes numbers and dates as Germans do", async () => {
  const { formatBytes, formatCount, formatDate, formatFixed, formatPercent } =
    await import("@/ui/format");
  expect(formatCount(12_345)).toBe("12.345");
  expect(formatFixed(0.974, 2)).toBe("0,97");
  expect(formatPercent(0.115)).toBe("11,5 %");
  expect(formatBytes(1_234)).toBe("1,2 kB");
  expect(formatDate(AT)).toMatch(/^22\. Nov\.? 2026$/);
});
