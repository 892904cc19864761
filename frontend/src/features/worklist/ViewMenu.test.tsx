import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { Me, SavedView } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { Toasts } from "@/ui/toast";

import { DEFAULT_FILTERS, type Filters } from "./filters";
import { ME } from "./testRows";
import { ViewMenu } from "./ViewMenu";

const NIGHT: SavedView = {
  id: "v-1",
  name: "Night shift",
  is_shared: false,
  is_mine: true,
  state: "ready",
  modality: "DX",
  mine: "unclaimed",
  filter: "age<12h",
  sort: "-received",
  columns: [],
};
const SHARED: SavedView = {
  ...NIGHT,
  id: "v-2",
  name: "Stat",
  is_shared: true,
  is_mine: false,
};
const NIGHT_FILTERS: Filters = {
  ...DEFAULT_FILTERS,
  f: "age<12h",
  state: "ready",
  modality: "DX",
  mine: "unclaimed",
  sort: "-received",
};

let views: SavedView[] = [];
let calls: { call: string; body: unknown }[] = [];
const CHOSEN = [{ name: "patient", width_px: 300 }, { name: "state" }];
const columns = { chosen: CHOSEN, choice: CHOSEN, choose: vi.fn() };
let refusal: { status: number; code: string; detail: string } | null = null;

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const method = init?.method ?? "GET";
  if (method === "GET") return Promise.resolve(new Response(JSON.stringify(views)));
  const body = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : null;
  calls.push({ call: `${method} ${String(input)}`, body });
  if (refusal !== null) {
    return Promise.resolve(new Response(JSON.stringify(refusal), { status: refusal.status }));
  }
  if (method === "DELETE") return Promise.resolve(new Response(null, { status: 204 }));
  return Promise.resolve(new Response(JSON.stringify({ ...NIGHT, ...(body as object) })));
}

function show(filters: Partial<Filters> = {}, me: Me = ME) {
  const onShow = vi.fn();
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <MeProvider value={me}>
        <HintProvider>
          <ViewMenu
            slug="blind"
            filters={{ ...DEFAULT_FILTERS, ...filters }}
            columns={columns}
            onShow={onShow}
          />
          <Toasts />
        </HintProvider>
      </MeProvider>
    </QueryClientProvider>,
  );
  return onShow;
}

async function openMenu() {
  const trigger = await screen.findByRole("button", { name: /^Views/ });
  trigger.focus();
  await userEvent.keyboard("{Enter}");
}

async function openDialog() {
  await openMenu();
  await userEvent.click(await screen.findByRole("menuitem", { name: /Keep this list/ }));
  return screen.findByRole("textbox", { name: "Name" });
}

beforeEach(() => {
  views = [NIGHT, SHARED];
  calls = [];
  refusal = null;
  columns.choose.mockClear();
  vi.stubGlobal("fetch", serve);
});
afterEach(() => vi.unstubAllGlobals());

describe("views", () => {
  it("are listed, and the chosen one sets queue, filter, state and order", async () => {
    const onShow = show({ q: "patient:anna" });
    await openMenu();
    await screen.findByRole("menuitemradio", { name: /Stat shared/ });
    await userEvent.click(screen.getByRole("menuitemradio", { name: "Night shift" }));
    expect(onShow).toHaveBeenCalledWith(NIGHT_FILTERS);
    expect(onShow.mock.lastCall?.[0]).toMatchObject({ q: "" });
  });

  it("set the columns that were kept with them, and give one's own back on request", async () => {
    const kept = [
      { name: "state", width_px: null },
      { name: "patient", width_px: null },
    ];
    views = [NIGHT, { ...SHARED, columns: kept }];
    show();
    await openMenu();
    await userEvent.click(await screen.findByRole("menuitemradio", { name: "Night shift" }));
    expect(columns.choose).not.toHaveBeenCalled();
    await openMenu();
    await userEvent.click(await screen.findByRole("menuitemradio", { name: /Stat shared/ }));
    expect(columns.choose).toHaveBeenLastCalledWith(kept);
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(columns.choose).toHaveBeenLastCalledWith(CHOSEN);
  });

  it("keep the columns on screen if that is asked for", async () => {
    show();
    await userEvent.type(await openDialog(), "Wide");
    await userEvent.click(screen.getByRole("checkbox", { name: "Keep the columns as well" }));
    await userEvent.click(screen.getByRole("button", { name: "Keep" }));
    await waitFor(() => expect(calls[0]?.body).toMatchObject({ columns: CHOSEN }));
  });

  it("say which one is on screen", async () => {
    show(NIGHT_FILTERS);
    const trigger = await screen.findByRole("button", { name: "Views: Night shift" });
    expect(trigger).toHaveTextContent("Night shift");
  });

  it("keep the list under a name, without words that may name a patient", async () => {
    show({ ...NIGHT_FILTERS, q: "patient:anna" });
    const field = await openDialog();
    expect(screen.getByText(/may name a patient are not/)).toBeInTheDocument();
    expect(screen.queryByRole("checkbox", { name: /Share/ })).toBeNull();
    await userEvent.type(field, " Late {Enter}");
    await screen.findByText("Kept as “Late”.");
    expect(calls).toEqual([
      {
        call: "POST /api/v1/worklists/blind/views",
        body: {
          name: "Late",
          is_shared: false,
          filter: "age<12h",
          state: "ready",
          modality: "DX",
          mine: "unclaimed",
          sort: "-received",
          columns: [],
        },
      },
    ]);
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.getByRole("button", { name: /^Views/ })).toHaveFocus();
  });

  it("put a view in the place of one's own of the same name, and say so first", async () => {
    show();
    const field = await openDialog();
    await userEvent.type(field, "Night shift");
    await userEvent.click(screen.getByRole("button", { name: "Replace" }));
    await waitFor(() => expect(calls[0]?.call).toBe("PUT /api/v1/worklists/blind/views/v-1"));
  });

  it("stay in the dialog, with the reason, when the server refuses", async () => {
    refusal = { status: 409, code: "too_many_views", detail: "You have 50 views here." };
    show();
    await userEvent.type(await openDialog(), "One more{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("You have 50 views here.");
    expect(screen.getByRole("textbox")).toHaveValue("One more");
  });

  it("are shared by a lead alone, who may throw shared ones away", async () => {
    views = [SHARED];
    show(NIGHT_FILTERS, { ...ME, permissions: ["read_cases", "share_views"] });
    await screen.findByRole("button", { name: "Views: Stat" });
    await openMenu();
    await userEvent.click(await screen.findByRole("menuitem", { name: /Throw away/ }));
    await screen.findByText("Threw away the view “Stat”.");
    expect(calls[0]?.call).toBe("DELETE /api/v1/worklists/blind/views/v-2");
    await userEvent.type(await openDialog(), "All");
    await userEvent.click(screen.getByRole("checkbox", { name: /Share/ }));
    await userEvent.click(screen.getByRole("button", { name: "Keep" }));
    await waitFor(() => expect(calls[1]?.body).toMatchObject({ is_shared: true }));
  });

  it("of others offer a reader no way to throw them away", async () => {
    views = [SHARED];
    show(NIGHT_FILTERS);
    await screen.findByRole("button", { name: "Views: Stat" });
    await openMenu();
    await screen.findByRole("menuitem", { name: /Keep this list/ });
    expect(screen.queryByRole("menuitem", { name: /Throw away/ })).toBeNull();
  });
});
