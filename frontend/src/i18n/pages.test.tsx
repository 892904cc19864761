/** The main pages in German: every word on them came from the catalogue, or from the server. */
import { i18n, type Messages } from "@lingui/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { startLanguage } from "./language";
import { ANSWERS, AT, marked } from "./testRows";

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
  ["/me/keys", /Tasten mit einem Zeichen wirken/],
  ["/practice", /Übung beginnen|Nach Sicherheit/],
  ["/practice/f-9", /gibt es in Ihrer Übung nicht/],
  ["/devices", /Vertraut bis/],
  ["/devices?tab=authorities", /Genannte Zertifikate/],
  ["/devices/d-1", /wurde gestohlen/],
  ["/devices/d-9", /konnte nicht geöffnet werden/],
  ["/cases/c-9", /Diesen Fall gibt es nicht/],
  ["/cases/c-9/compare", /Diesen Fall gibt es nicht/],
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

  it.each([
    ["/devices", /Gerät eintragen/],
    ["/devices?tab=authorities", /Zertifizierungsstelle hinzufügen/],
    ["/devices?tab=authorities", /Sperrliste hinzufügen/],
    ["/devices?tab=authorities", /Zurückziehen/],
    ["/devices/d-1", /Ändern/],
    ["/devices/d-1", /Zertifikat ersetzen/],
    ["/devices/d-1", /Außer Dienst stellen/],
    ["/devices/d-1", /Sperren/],
  ])("of %s neither has the form behind %s", async (path, name) => {
    const user = userEvent.setup();
    await open(path);
    await user.click(await screen.findByRole("button", { name }, { timeout: 15_000 }));
    await screen.findByRole("dialog");
    expect(unmarked()).toEqual([]);
  });

  it("the bell has none either", async () => {
    const user = userEvent.setup();
    await open("/worklists/blind");
    await user.click(
      await screen.findByRole(
        "button",
        { name: /Benachrichtigungen.*6.*neu/ },
        { timeout: 15_000 },
      ),
    );
    await screen.findAllByText(/hat Ihnen geantwortet/);
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
