import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient, meQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { KeymapProvider, ShortcutProvider, useShortcuts } from "@/ui/shortcuts";
import { Toasts } from "@/ui/toast";

import { KeysPage } from "./KeysPage";
import { withKeys } from "./useKeys";

let me = { keys: {}, single_keys: true } as Pick<Me, "keys" | "single_keys">;
let sent: unknown[] = [];
let status = 200;
const search = vi.fn();

function serve(_input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  if (init?.method !== "PUT") return Promise.resolve(new Response(JSON.stringify(me)));
  const body = JSON.parse(init.body as string) as typeof me;
  sent.push(body);
  if (status === 200) me = body;
  return Promise.resolve(new Response(JSON.stringify(body), { status }));
}

const SHORTCUTS = [{ id: "list.filter" as const, run: search }];

function Bound() {
  useShortcuts("Here", SHORTCUTS);
  return <KeysPage />;
}

function Page() {
  const { data } = useQuery(meQuery);
  if (data === undefined) return null;
  return (
    <KeymapProvider keymap={{ keys: data.keys, singleKeys: data.single_keys }}>
      <Bound />
      <Toasts />
    </KeymapProvider>
  );
}

async function show() {
  const shown = render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <ShortcutProvider>
        <HintProvider>
          <Page />
        </HintProvider>
      </ShortcutProvider>
    </QueryClientProvider>,
  );
  await screen.findByRole("heading", { name: "Keys" });
  return shown;
}

const rowOf = (label: string) => {
  const row = screen.getByText(label).closest("li");
  if (row === null) throw new Error(`no row ${label}`);
  return within(row);
};
const capsOf = (label: string) =>
  screen.getByText(label).closest("li")?.querySelector(".key-caps")?.textContent;

beforeEach(() => {
  me = { keys: {}, single_keys: true };
  sent = [];
  status = 200;
  search.mockClear();
  vi.stubGlobal("fetch", serve);
});
afterEach(() => vi.unstubAllGlobals());

describe("the page of keys", () => {
  it("takes the key that is pressed, keeps it, and lets nothing else hear of it", async () => {
    await show();
    await userEvent.click(rowOf("Ask a colleague").getByRole("button", { name: "Change" }));
    await userEvent.keyboard("/");
    expect(capsOf("Ask a colleague")).toBe("/");
    expect(search).not.toHaveBeenCalled();
    await waitFor(() =>
      expect(sent).toEqual([{ keys: { "case.ask": ["/"] }, single_keys: true }]),
    );
    // The button is a button again, and the key is the page's.
    await userEvent.keyboard("/");
    expect(search).toHaveBeenCalledTimes(1);
    expect(sent).toHaveLength(1);
  });

  it("names what a key is taken by, and keeps listening", async () => {
    await show();
    await userEvent.click(rowOf("Ask a colleague").getByRole("button", { name: "Change" }));
    await userEvent.keyboard("b");
    expect(rowOf("Ask a colleague").getByRole("status")).toHaveTextContent(
      "B is taken: “Mark a box” (Film).",
    );
    expect(sent).toEqual([]);
    await userEvent.keyboard("{Enter}");
    expect(rowOf("Ask a colleague").getByRole("status")).toHaveTextContent(
      "This key stays as it is.",
    );
    await userEvent.keyboard("{Shift>}G{/Shift}");
    expect(capsOf("Ask a colleague")).toBe("ShiftG");
    expect(rowOf("Ask a colleague").getByRole("status")).toBeEmptyDOMElement();
  });

  it("leaves everything as it was on Escape, and when the reader goes on with Tab", async () => {
    await show();
    const change = rowOf("Ask a colleague").getByRole("button", { name: "Change" });
    await userEvent.click(change);
    expect(change).toHaveTextContent("Press a key; Esc: leave it");
    await userEvent.keyboard("{Escape}");
    expect(change).toHaveTextContent("Change");
    await userEvent.click(change);
    await userEvent.tab();
    expect(change).toHaveTextContent("Change");
    expect(change).not.toHaveFocus();
    expect(sent).toEqual([]);
  });

  it("turns a shortcut off and gives it its usual key back, unless that is taken by now", async () => {
    await show();
    const ask = rowOf("Ask a colleague");
    await userEvent.click(ask.getByRole("button", { name: "Off" }));
    expect(capsOf("Ask a colleague")).toBe("off");
    await userEvent.click(rowOf("Mark a box").getByRole("button", { name: "Change" }));
    await userEvent.keyboard("g");
    await userEvent.click(ask.getByRole("button", { name: "Usual" }));
    expect(ask.getByRole("status")).toHaveTextContent(
      "Its usual key is taken: “Mark a box” (Film).",
    );
    await userEvent.click(rowOf("Mark a box").getByRole("button", { name: "Usual" }));
    await userEvent.click(ask.getByRole("button", { name: "Usual" }));
    expect(capsOf("Ask a colleague")).toBe("G");
    await waitFor(() => expect(sent.at(-1)).toEqual({ keys: {}, single_keys: true }));
  });

  it("turns all keys of one character off, and everything back with one action", async () => {
    me = { keys: { "case.ask": ["w"] }, single_keys: true };
    await show();
    const single = screen.getByRole("checkbox", { name: /^Keys of one character work/ });
    await userEvent.click(single);
    expect(single).not.toBeChecked();
    fireEvent.keyDown(document.body, { key: "/" });
    expect(search).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "All back to the usual keys" }));
    expect(single).toBeChecked();
    expect(capsOf("Ask a colleague")).toBe("G");
    await waitFor(() => expect(sent.at(-1)).toEqual({ keys: {}, single_keys: true }));
  });

  it("says which keys cannot be changed", async () => {
    await show();
    const search = rowOf("Search cases, pages and actions");
    expect(search.getByText("stays as it is")).toBeInTheDocument();
    expect(search.queryByRole("button")).toBeNull();
  });

  it("shows what is kept and says why when the server refuses", async () => {
    status = 503;
    await show();
    await userEvent.click(rowOf("Ask a colleague").getByRole("button", { name: "Off" }));
    expect(await screen.findByText(/The server answered 503/)).toBeInTheDocument();
    await waitFor(() => expect(capsOf("Ask a colleague")).toBe("G"));
  });

  it("keeps no key that is as usual", () => {
    expect(withKeys({ "case.ask": ["w"] }, "case.ask", ["g"])).toEqual({});
    expect(withKeys({ "old.thing": ["w"] }, "case.ask", [])).toEqual({
      "old.thing": ["w"],
      "case.ask": [],
    });
  });

  it("has no fault that axe can find", async () => {
    const { container } = await show();
    const { violations } = await axe.run(container, {
      rules: { "color-contrast": { enabled: false } },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});
