/** The bell: what it shows, reads out, marks, and where it leads. */
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { Link, MemoryRouter, useLocation } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient, keys } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { AskedOf, Me, Notification } from "@/api/types";
import { LiveRegion } from "@/ui/announce";

import { Bell } from "./Bell";
import { bellLines, wordsOf } from "./bellLines";

const ME = { id: "u-1", permissions: ["read_cases"] } as unknown as Me;
const BOB = { id: "u-2", display_name: "Bob" };
const CASE = {
  id: "c-1",
  worklist: "emergency",
  patient_name: "DEMO^Anna",
  modality: "CR",
  description: "Chest PA",
};

function line(id: string, more: Partial<Notification> = {}): Notification {
  return {
    id,
    kind: "replied",
    is_read: false,
    told_at: "2026-11-23T10:00:00Z",
    actor: BOB,
    case: CASE,
    upload_id: null,
    count: 1,
    quarantined: 0,
    ...more,
  };
}

const QUESTION: AskedOf = {
  id: "q-1",
  asker: BOB,
  asked_at: "2026-11-23T09:00:00Z",
  case: CASE,
};

let items: Notification[];
let asked: AskedOf[];
let calls: { path: string; body: unknown }[];
let isDown: boolean;

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const path = String(input).replace("/api/v1", "");
  const json = (what: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(what), { status }));
  calls.push({ path, body: init?.body === undefined ? null : JSON.parse(String(init.body)) });
  if (isDown) return json({ code: "denied", detail: "Not now." }, 403);
  if (path.startsWith("/questions")) return json({ items: asked, next_cursor: null });
  if (path === "/notifications/mark") {
    const { ids, is_read } = calls.at(-1)?.body as { ids: string[]; is_read: boolean };
    items = items.map((each) => (ids.includes(each.id) ? { ...each, is_read } : each));
  }
  const unread = items.filter(({ is_read }) => !is_read).length;
  return json({ items, next_cursor: null, unread });
}

function Here() {
  const { pathname, search } = useLocation();
  return <p data-testid="here">{pathname + search}</p>;
}

function ring(me: Me = ME): QueryClient {
  const client = createQueryClient(() => undefined);
  render(
    <QueryClientProvider client={client}>
      <MeProvider value={me}>
        <MemoryRouter initialEntries={["/upload"]}>
          <Bell />
          <LiveRegion />
          <Here />
          <Link to="/cases/c-1">The worklist leads here</Link>
        </MemoryRouter>
      </MeProvider>
    </QueryClientProvider>,
  );
  return client;
}

/** What notification.changed does. */
const hear = (client: QueryClient) =>
  act(() => client.invalidateQueries({ queryKey: keys.notifications }));
const bell = () => screen.getByRole("button", { name: /^Notifications/ });

beforeEach(() => {
  [items, asked, calls, isDown] = [[line("n-1")], [], [], false];
  vi.stubGlobal("fetch", vi.fn(serve));
});
afterEach(() => vi.unstubAllGlobals());

describe("the bell", () => {
  it("says how many are new, and opens by key with the focus inside", async () => {
    ring();
    await waitFor(() => expect(bell()).toHaveAccessibleName("Notifications, 1 new"));
    bell().focus();
    await userEvent.keyboard("{Enter}");
    const panel = await screen.findByRole("dialog", { name: "Notifications" });
    expect(panel).toContainElement(document.activeElement as HTMLElement);
    expect((await axe.run(panel)).violations).toEqual([]);
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(bell()).toHaveFocus();
  });

  it("leads to the case and marks its line as read", async () => {
    ring();
    await userEvent.click(await screen.findByRole("button", { name: /1 new/ }));
    await userEvent.click(screen.getByRole("link", { name: /New: Bob replied to you/ }));
    expect(screen.getByTestId("here")).toHaveTextContent("/cases/c-1");
    expect(screen.queryByRole("dialog")).toBeNull();
    await waitFor(() => expect(bell()).toHaveAccessibleName("Notifications"));
    expect(calls.find(({ path }) => path === "/notifications/mark")?.body).toEqual({
      ids: ["n-1"],
      is_read: true,
    });
  });

  it("counts what is said of a case as read once the case was opened otherwise", async () => {
    items = [line("n-1"), line("n-2", { case: { ...CASE, id: "c-2" } })];
    ring();
    await screen.findByRole("button", { name: /2 new/ });
    await userEvent.click(screen.getByRole("link", { name: "The worklist leads here" }));
    await waitFor(() => expect(bell()).toHaveAccessibleName("Notifications, 1 new"));
    expect(items.map(({ is_read }) => is_read)).toEqual([true, false]);
  });

  it("marks one line as new again, and all as read", async () => {
    items = [line("n-1"), line("n-2", { is_read: true })];
    ring();
    await userEvent.click(await screen.findByRole("button", { name: /1 new/ }));
    await userEvent.click(screen.getByRole("button", { name: /^Mark as new/ }));
    await waitFor(() => expect(bell()).toHaveAccessibleName("Notifications, 2 new"));
    await userEvent.click(screen.getByRole("button", { name: "Mark all as read" }));
    await waitFor(() => expect(bell()).toHaveAccessibleName("Notifications"));
    expect(items.every(({ is_read }) => is_read)).toBe(true);
    // What one marks oneself is no news.
    expect(screen.getByRole("status").textContent).toBe("");
    expect(screen.getByRole("button", { name: "Mark all as read" })).toBeDisabled();
  });

  it("reads out what is new since, without the patient's name", async () => {
    const client = ring();
    await screen.findByRole("button", { name: /1 new/ });
    expect(screen.getByRole("status").textContent).toBe("");
    items = [line("n-2", { kind: "assigned", count: 3 }), ...items];
    await hear(client);
    await waitFor(() =>
      expect(screen.getByRole("status")).toHaveTextContent("Bob gave you 3 cases."),
    );
    expect(screen.getByRole("status")).not.toHaveTextContent("Anna");
    expect(screen.getByRole("status")).not.toHaveTextContent("replied");
  });

  it("says when there is nothing, and when it cannot be known", async () => {
    items = [];
    ring();
    await userEvent.click(bell());
    expect(await screen.findByText(/Nothing yet/)).toBeVisible();
  });

  it("that cannot be loaded says why and can be tried again", async () => {
    isDown = true;
    ring();
    await userEvent.click(bell());
    expect(await screen.findByText("Not now.")).toBeVisible();
    isDown = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: /Bob replied/ })).toBeVisible();
  });

  it("asks for questions only for who reads cases", async () => {
    ring({ ...ME, permissions: ["upload"] });
    await screen.findByRole("button", { name: /1 new/ });
    expect(calls.map(({ path }) => path)).toEqual(["/notifications?limit=100"]);
  });
});

it("a question that waits stands once, above, also when its line was read long ago", async () => {
  items = [line("n-1", { kind: "asked", is_read: true }), line("n-2")];
  asked = [QUESTION];
  ring();
  await userEvent.click(await screen.findByRole("button", { name: /1 new/ }));
  const waiting = await screen.findByRole("region", { name: "Asked of you" });
  expect(within(waiting).getByRole("link", { name: /Bob asks you/ })).toHaveAttribute(
    "href",
    "/cases/c-1",
  );
  expect(screen.getAllByText("Bob asks you")).toHaveLength(1);
});

it("a question whose line is gone is shown and has nothing to mark", () => {
  const { waiting, others } = bellLines([], [QUESTION]);
  expect(waiting).toMatchObject([{ id: null, isRead: true, to: "/cases/c-1" }]);
  expect(others).toEqual([]);
});

it("each kind has its words and its place", () => {
  const lines = [
    line("1", { kind: "assigned" }),
    line("2", { kind: "assigned", count: 12 }),
    line("3", { kind: "upload_finished", actor: null, case: null, count: 1 }),
    line("4", { kind: "upload_quarantined", case: null, count: 40, quarantined: 2 }),
    line("5", { kind: "upload_finished", case: null, count: 40, quarantined: 2 }),
  ];
  expect(lines.map(wordsOf)).toEqual([
    "Bob gave you a case",
    "Bob gave you 12 cases",
    "Your upload is through: 1 file",
    "Your upload: 2 of 40 files in quarantine",
    "Your upload is through: 2 of 40 files in quarantine",
  ]);
  expect(bellLines(lines, []).others.map(({ to, about }) => [to, about])).toEqual([
    ["/cases/c-1", "DEMO, Anna · Chest PA · CR"],
    ["/worklists/emergency?mine=true", ""],
    ["/upload", ""],
    ["/upload", ""],
    ["/upload", ""],
  ]);
  const kinds = bellLines(lines, []).others.map(({ kind }) => kind);
  expect(kinds.slice(2)).toEqual([
    "upload_finished",
    "upload_quarantined",
    "upload_quarantined",
  ]);
});
