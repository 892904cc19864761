import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient, meQuery } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { Me, WorklistMode } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { Toasts } from "@/ui/toast";

import { moved, toggled, widened } from "./columnChoice";
import { ColumnsButton } from "./ColumnsButton";
import { offerFor, shownColumns } from "./columns";
import { ME } from "./testRows";
import { useColumns } from "./useColumns";

const named = (...names: string[]) => names.map((name) => ({ name, width_px: null }));
const namesOf = (mode: WorklistMode, ...chosen: string[]) =>
  shownColumns(mode, named(...chosen)).columns.map(({ name }) => name);

let me: Me = ME;
let sent: { call: string; body: unknown }[] = [];
let status = 200;

function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  if (init?.method !== "PUT") return Promise.resolve(new Response(JSON.stringify(me)));
  const body = JSON.parse(init.body as string) as { columns: Me["columns"][string] };
  sent.push({ call: `PUT ${String(input)}`, body });
  if (status === 200) me = { ...me, columns: { ...me.columns, blind_first: body.columns } };
  return Promise.resolve(new Response(JSON.stringify(body), { status }));
}

function Desk() {
  const columns = useColumns("blind_first");
  return (
    <>
      <ColumnsButton mode="blind_first" columns={columns} />
      <output>{columns.shown.columns.map(({ name }) => name).join(" ")}</output>
      <output>{columns.shown.template}</output>
    </>
  );
}

function Page() {
  const { data } = useQuery(meQuery);
  return data === undefined ? null : (
    <MeProvider value={data}>
      <Desk />
      <Toasts />
    </MeProvider>
  );
}

async function openDialog() {
  const shown = render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <HintProvider>
        <Page />
      </HintProvider>
    </QueryClientProvider>,
  );
  await userEvent.click(await screen.findByRole("button", { name: "Choose the columns" }));
  return shown;
}

const listed = () => screen.getAllByRole("status")[0]?.textContent;
const template = () => screen.getAllByRole("status")[1]?.textContent;
const OWN = "priority received patient modality study views state waiting holder";

beforeEach(() => {
  me = ME;
  sent = [];
  status = 200;
  vi.stubGlobal("fetch", serve);
});
afterEach(() => vi.unstubAllGlobals());

describe("a choice of columns", () => {
  it("shows those in that order, and the list's own where none is made", () => {
    expect(namesOf("blind_first", "state", "patient")).toEqual(["state", "patient"]);
    expect(namesOf("blind_first")).toEqual(OWN.split(" "));
    expect(shownColumns("triage", []).isChosen).toBe(false);
  });

  it("leaves out what the page does not know, and on a blind list the opinion", () => {
    const asked = ["patient", "telex", "suspicion", "flag", "reason", "state"];
    expect(namesOf("blind_first", ...asked)).toEqual(["patient", "state"]);
    expect(namesOf("triage", ...asked)).toEqual([
      "patient",
      "suspicion",
      "flag",
      "reason",
      "state",
    ]);
    const { own, more } = offerFor("blind_first");
    expect([...own, ...more].map(({ name }) => name)).not.toEqual(
      expect.arrayContaining(["suspicion"]),
    );
  });

  it("is changed around what a newer page added to it", () => {
    const choice = named("patient", "telex", "state");
    expect(moved(choice, "state", -1, ["patient", "state"])).toEqual(
      named("state", "telex", "patient"),
    );
    expect(moved(choice, "patient", -1, ["patient", "state"])).toEqual(choice);
    expect(toggled(choice, "due")).toEqual(named("patient", "telex", "state", "due"));
    expect(toggled(choice, "state")).toEqual(choice);
    expect(widened(choice, "state", 9)[2]).toEqual({ name: "state", width_px: 40 });
    expect(widened(choice, "state", null)).toEqual(choice);
  });
});

describe("the dialog of columns", () => {
  it("takes a column in and out at once and keeps that on the server", async () => {
    await openDialog();
    await userEvent.click(screen.getByRole("checkbox", { name: "Due" }));
    expect(listed()).toBe(`${OWN} due`);
    // Its line has moved up among the shown ones; the focus went with it.
    expect(screen.getByRole("checkbox", { name: "Due" })).toHaveFocus();
    await userEvent.click(screen.getByRole("checkbox", { name: "Mod" }));
    expect(listed()).toBe(`${OWN.replace(" modality", "")} due`);
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toEqual({
      call: "PUT /api/v1/me/columns/blind_first",
      body: { columns: named(...`${OWN.replace(" modality", "")} due`.split(" ")) },
    });
  });

  it("lets neither the patient nor the state go", async () => {
    await openDialog();
    expect(screen.getByRole("checkbox", { name: "Patient" })).toBeDisabled();
    expect(screen.getByRole("checkbox", { name: "State" })).toBeDisabled();
  });

  it("moves a column by keyboard, and keeps the focus there", async () => {
    await openDialog();
    screen.getByRole("button", { name: "Patient: further to the front" }).focus();
    await userEvent.keyboard("{Enter}{Enter}{Enter}");
    expect(listed()?.startsWith("patient priority received")).toBe(true);
    const up = screen.getByRole("button", { name: "Patient: further to the front" });
    expect(up).toHaveFocus();
    expect(up).toHaveAttribute("aria-disabled", "true");
    await waitFor(() => expect(sent).toHaveLength(2));
  });

  it("takes a width when the field is left, within bounds, and none when it is empty", async () => {
    await openDialog();
    const field = screen.getByRole("spinbutton", { name: /^Study: width/ });
    await userEvent.type(field, "9999");
    expect(sent).toHaveLength(0);
    await userEvent.keyboard("{Enter}");
    expect(field).toHaveValue(800);
    expect(template()).toContain("var(--w-modality) 800px var(--w-views)");
    await userEvent.clear(field);
    await userEvent.tab();
    expect(template()).toContain("var(--w-study)");
  });

  it("goes back to the usual columns with one action", async () => {
    me = { ...ME, columns: { blind_first: named("patient", "state") } };
    await openDialog();
    expect(listed()).toBe("patient state");
    await userEvent.click(screen.getByRole("button", { name: "Back to the usual columns" }));
    expect(listed()).toBe(OWN);
    await waitFor(() => expect(sent[0]?.body).toEqual({ columns: [] }));
  });

  it("says so and shows what is kept when the server refuses", async () => {
    status = 503;
    await openDialog();
    await userEvent.click(screen.getByRole("checkbox", { name: "Due" }));
    expect(await screen.findByText(/The server answered 503/)).toBeInTheDocument();
    await waitFor(() => expect(listed()).toBe(OWN));
  });

  it("has no fault that axe can find", async () => {
    await openDialog();
    const dialog = screen.getByRole("dialog");
    const { violations } = await axe.run(dialog, {
      rules: { "color-contrast": { enabled: false } },
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(within(dialog).getAllByRole("listitem")).toHaveLength(12);
  });
});
