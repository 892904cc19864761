/** Who else is on a case, and the claim of who reads it. */
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Fragment, StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient, keys } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { CaseDetail, Me, Person, PresenceOut } from "@/api/types";

import { CompanyNote } from "./CompanyNote";
import { emptyDrafts, type Drafts } from "./machine";
import { isToRead, newTabId, usePresence } from "./usePresence";
import { peopleNames } from "./words";

const ALICE: Person = { id: "u-1", display_name: "Alice" };
const BOB: Person = { id: "u-2", display_name: "R. Second" };
const ME = { id: ALICE.id, display_name: "Alice" } as Me;
const DETAIL = {
  id: "c-1",
  state: "ready",
  first_read: null,
  claimed_by: null,
} as unknown as CaseDetail;
const TYPED: Drafts = { ...emptyDrafts, read: { ...emptyDrafts.read, note: "x" } };

const OPEN = "R. Second has this case open";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly keepalive: boolean;
}

let server: PresenceOut;
let refusal: string | null;
let calls: Call[];

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const path = String(input).replace("/api/v1", "");
  const method = init?.method ?? "GET";
  calls.push({ method, path, keepalive: init?.keepalive ?? false });
  const json = (what: unknown, status = 200) =>
    Promise.resolve(new Response(JSON.stringify(what), { status }));
  if (method === "DELETE") return Promise.resolve(new Response(null, { status: 204 }));
  if (method === "PUT") return json(server);
  if (refusal !== null) return json({ code: "already_read", detail: refusal }, 409);
  server = { ...server, claimed_by: ALICE, claim_expires_at: "2026-11-23T08:20:00Z" };
  return json(server);
}

const said = (method: string) => calls.filter((call) => call.method === method);

function Desk({ detail, drafts }: { detail: CaseDetail; drafts: Drafts }) {
  return <CompanyNote company={usePresence(detail, drafts)} />;
}

function open(
  detail: CaseDetail = DETAIL,
  drafts: Drafts = emptyDrafts,
  Mode: typeof StrictMode = Fragment,
) {
  const client = createQueryClient(() => undefined);
  const page = render(
    <Mode>
      <QueryClientProvider client={client}>
        <MeProvider value={ME}>
          <Desk detail={detail} drafts={drafts} />
        </MeProvider>
      </QueryClientProvider>
    </Mode>,
  );
  return { client, ...page };
}

/** What presence.changed and case.changed do. */
const hear = (client: QueryClient) =>
  act(() => client.invalidateQueries({ queryKey: keys.case("c-1") }));

beforeEach(() => {
  server = { people: [], claimed_by: null, claim_expires_at: null };
  [refusal, calls] = [null, []];
  vi.stubGlobal("fetch", vi.fn(serve));
});
afterEach(() => vi.unstubAllGlobals());

describe("the claim", () => {
  it("is taken by itself when the case is opened, after the page said it is open", async () => {
    open();
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    expect(calls[0]?.path).toMatch(/^\/cases\/c-1\/presence\/[0-9a-f-]{36}$/);
    expect(calls.map(({ method }) => method)).toEqual(["PUT", "POST"]);
    // Named, so that leaving this page ends it.
    const tab = calls[0]?.path.split("/").at(-1);
    expect(calls[1]?.path).toBe(`/cases/c-1/claim?tab=${tab}`);
    await waitFor(() => expect(screen.getByRole("status")).toBeEmptyDOMElement());
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("that has ended is said, and taken again by button only", async () => {
    const { client } = open();
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    server = { ...server, claimed_by: null };
    await hear(client);
    expect(await screen.findByText("Your claim ended")).toBeVisible();
    await hear(client);
    expect(said("POST")).toHaveLength(1);
    await userEvent.click(screen.getByRole("button", { name: "Claim again" }));
    await waitFor(() => expect(said("POST")).toHaveLength(2));
    await waitFor(() => expect(screen.getByRole("status")).toBeEmptyDOMElement());
  });

  it("that a colleague took over is said, and not taken back", async () => {
    const { client } = open();
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    server = { ...server, claimed_by: BOB };
    await hear(client);
    expect(await screen.findByText("Taken over by R. Second")).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
    expect(said("POST")).toHaveLength(1);
  });

  it("of a colleague is named on opening, and left to a button once it ends", async () => {
    server = { ...server, people: [BOB], claimed_by: BOB };
    const { client } = open();
    expect(await screen.findByText("Claimed by R. Second")).toBeVisible();
    expect(screen.getByRole("status")).toHaveTextContent(OPEN);
    server = { ...server, people: [], claimed_by: null };
    await hear(client);
    expect(await screen.findByText("Not claimed")).toBeVisible();
    expect(said("POST")).toHaveLength(0);
    await userEvent.click(screen.getByRole("button", { name: "Claim" }));
    await waitFor(() => expect(said("POST")).toHaveLength(1));
  });

  it("that is refused says why", async () => {
    refusal = "You have read this case: it waits for another.";
    open({ ...DETAIL, state: "second_read" });
    expect(await screen.findByText(/it waits for another/)).toBeVisible();
  });

  it("that came second is not said any more when the first one has ended", async () => {
    refusal = "Another reader has this case.";
    const { client } = open();
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    server = { ...server, claimed_by: BOB };
    await hear(client);
    expect(await screen.findByText("Claimed by R. Second")).toBeVisible();
    server = { ...server, claimed_by: null };
    await hear(client);
    expect(await screen.findByText("Not claimed")).toBeVisible();
    expect(screen.queryByText(/Another reader/)).toBeNull();
  });

  it("is not taken where there is nothing for this reader to read", async () => {
    server = { ...server, people: [BOB] };
    const sealed = { ...DETAIL, state: "sealed", first_read: {} } as unknown as CaseDetail;
    for (const state of ["analysing", "adjudication", "done"] as const) {
      expect(isToRead({ ...DETAIL, state })).toBe(false);
    }
    open(sealed);
    expect(await screen.findByText(/^R. Second/)).toHaveTextContent(OPEN);
    expect(said("POST")).toHaveLength(0);
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("leaving", () => {
  it("is said once, in a way that outlives the page", async () => {
    const { unmount } = open();
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    const path = calls[0]?.path ?? "";
    unmount();
    expect(said("DELETE")).toEqual([{ method: "DELETE", path, keepalive: true }]);
  });

  it("of the window is said as well", async () => {
    open();
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    window.dispatchEvent(new Event("pagehide"));
    expect(said("DELETE")).toHaveLength(1);
  });

  it("and coming back from the browser's cache makes another tab", async () => {
    const first = open();
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    window.dispatchEvent(new Event("pagehide"));
    const shown = new Event("pageshow");
    Object.assign(shown, { persisted: true });
    act(() => void window.dispatchEvent(shown));
    await waitFor(() => expect(said("PUT")).toHaveLength(2));
    // Said once: the page that came back was left before.
    expect(said("DELETE")).toHaveLength(1);
    const tabs = () => said("PUT").map(({ path }) => path);
    expect(tabs()[1]).not.toBe(tabs()[0]);
    first.unmount();
    expect(said("DELETE").map(({ path }) => path)).toEqual(tabs());
  });

  it("that React plays at the start in development leaves no claim of a left tab", async () => {
    const strict = open(DETAIL, emptyDrafts, StrictMode);
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    const left = said("DELETE").map(({ path }) => path);
    const claimed = said("POST")[0]?.path.split("tab=")[1];
    expect(left).toHaveLength(1);
    expect(left[0]).not.toContain(claimed);
    strict.unmount();
  });

  it("with something entered keeps the claim: its draft may come later", async () => {
    const { unmount } = open(DETAIL, TYPED);
    await waitFor(() => expect(said("POST")).toHaveLength(1));
    unmount();
    expect(said("DELETE")[0]?.path).toMatch(/\?keeps_claim=true$/);
  });

  it("of one page and opening of another are two tabs", () => {
    expect(newTabId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(newTabId()).not.toBe(newTabId());
  });
});

it("names are few: one, two, or one and how many more", () => {
  const named = (...names: string[]) =>
    peopleNames(names.map((name) => ({ id: name, display_name: name })));
  expect(named()).toBe("");
  expect(named("A")).toBe("A");
  expect(named("A", "B")).toBe("A and B");
  expect(named("A", "B", "C")).toBe("A and 2 others");
});

it("who is here is not claimed to be known while the server cannot be asked", async () => {
  server = { ...server, people: [BOB], claimed_by: BOB };
  const { client } = open();
  await screen.findByText(/has this case open/);
  vi.stubGlobal("fetch", () =>
    Promise.resolve(new Response(JSON.stringify({ detail: "gone" }), { status: 404 })),
  );
  await hear(client);
  await waitFor(() => expect(screen.queryByText(/has this case open/)).toBeNull());
});
