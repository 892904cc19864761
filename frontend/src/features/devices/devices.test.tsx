import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { Authority, DeviceCertificate, DeviceDetail, Inspection, Me } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { Toasts } from "@/ui/toast";

import { DevicePage } from "./DevicePage";
import { DevicesPage } from "./DevicesPage";

const AT = "2026-11-22T18:52:07Z";
const HASH = "ab12".repeat(16);
const PERSON = { id: "u-1", display_name: "Ada Admin" };
const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";

const CERTIFICATE: DeviceCertificate = {
  id: "x-1",
  sha256: HASH,
  subject: "CN=Room 3",
  issuer: "CN=Room 3",
  serial_number: "7",
  key: "RSA 2048",
  starts_at: "2026-01-01T00:00:00Z",
  ends_at: "2030-01-01T00:00:00Z",
  state: "current",
  valid_from: "2026-01-01T00:00:00Z",
  valid_until: "2030-01-01T00:00:00Z",
  approved_by: PERSON,
  approved_at: AT,
  ended_by: null,
  ended_at: null,
  revoked_at: null,
  reason: null,
  note: "",
};
const DEVICE: DeviceDetail = {
  id: "d-1",
  name: "Room 3",
  manufacturer: "Test Works",
  model_name: "Ray 2",
  serial_number: "SN-1",
  ae_title: "",
  state: "trusted",
  version: 4,
  enrolled_at: AT,
  enrolled_by: PERSON,
  retired_at: null,
  certificate: CERTIFICATE,
  certificates: [CERTIFICATE],
  history: [
    {
      position: 12,
      kind: "device_changed",
      label: "Device changed",
      occurred_at: AT,
      actor: PERSON,
      changes: { ae_title: ["", "ROOM3"] },
    },
  ],
};
const GOOD: Inspection = { certificate: CERTIFICATE, remarks: [] };
const AUTHORITY: Authority = {
  ...CERTIFICATE,
  id: "a-1",
  subject: "CN=Root",
  issuer: "CN=Root",
  added_at: AT,
  added_by: PERSON,
  withdrawn_at: null,
  withdrawn_by: null,
  lists: [
    {
      id: "l-1",
      sha256: HASH,
      number: "7",
      this_update: "2020-01-01T00:00:00Z",
      next_update: "2020-02-01T00:00:00Z",
      entries: 2,
      is_current: true,
      added_at: AT,
      added_by: PERSON,
    },
  ],
};

interface Call {
  readonly path: string;
  readonly method: string;
  readonly body: Record<string, unknown> | null;
}

let calls: Call[] = [];
let answers: Record<string, { status?: number; body: unknown }> = {};

beforeEach(() => {
  calls = [];
  answers = {
    "GET /devices": { body: { items: [DEVICE], next_cursor: null } },
    "GET /devices/d-1": { body: DEVICE },
    "GET /devices/authorities": { body: [AUTHORITY] },
    "POST /devices/inspect": { body: GOOD },
  };
  vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => {
    const path = String(input).split("?")[0]?.replace("/api/v1", "") ?? "";
    const method = init?.method ?? "GET";
    const body =
      typeof init?.body === "string" ? (JSON.parse(init.body) as Call["body"]) : null;
    calls.push({ path, method, body });
    const answer = answers[`${method} ${path}`] ?? {
      status: 404,
      body: { code: "not_found", detail: "Nothing here." },
    };
    return Promise.resolve(Response.json(answer.body, { status: answer.status ?? 200 }));
  });
});

afterEach(() => vi.unstubAllGlobals());

function open(path: string, permissions: string[] = ["view_devices", "manage_devices"]) {
  const me = { id: "u-1", permissions } as unknown as Me;
  const router = createMemoryRouter(
    [
      { path: "/devices", element: <DevicesPage /> },
      { path: "/devices/:id", element: <DevicePage /> },
    ],
    { initialEntries: [path] },
  );
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <HintProvider>
        <MeProvider value={me}>
          <RouterProvider router={router} />
          <Toasts />
        </MeProvider>
      </HintProvider>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const sent = (method: string, path: string) =>
  calls.filter((call) => call.method === method && call.path === path);

describe("the list", () => {
  it("shows each device with its state as a word", async () => {
    open("/devices");
    const row = (await screen.findByRole("link", { name: "Room 3" })).closest("tr");
    const cells = within(row as HTMLElement).getAllByRole("cell");
    expect(cells.map((cell) => cell.textContent)).toEqual([
      "Trusted",
      "Test Works, Ray 2",
      "SN-1",
      "not given",
      "1 Jan 2030",
      "ab12ab12 RSA 2048",
    ]);
  });

  it("offers nothing to change to who may only look", async () => {
    open("/devices", ["view_devices"]);
    await screen.findByRole("link", { name: "Room 3" });
    expect(screen.queryByRole("button", { name: /Enrol/ })).toBeNull();
  });

  it("says what it means that there is none", async () => {
    answers["GET /devices"] = { body: { items: [], next_cursor: null } };
    open("/devices");
    await screen.findByText(/but not who made it/);
  });

  it("says why it could not be loaded", async () => {
    answers["GET /devices"] = { status: 403, body: { code: "denied", detail: "Not you." } };
    open("/devices");
    await screen.findByText("Not you.");
  });
});

describe("a private key", () => {
  it("that is pasted is not sent, and is gone from the page", async () => {
    const user = open("/devices");
    await user.click(await screen.findByRole("button", { name: "Enrol a device" }));
    await user.click(screen.getByLabelText("Certificate", { selector: "textarea" }));
    await user.paste("-----BEGIN ENCRYPTED PRIVATE KEY-----\nSECRET\n-----END");
    await screen.findByText(/That was a private key/);
    expect(screen.getByLabelText("Certificate", { selector: "textarea" })).toHaveValue("");
    expect(document.body.innerHTML).not.toContain("SECRET");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(calls.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

describe("enrolling", () => {
  async function fill(user: ReturnType<typeof userEvent.setup>) {
    await user.click(await screen.findByRole("button", { name: "Enrol a device" }));
    await user.type(screen.getByLabelText("Name in this registry"), "Room 3");
    await user.type(screen.getByLabelText(/^Manufacturer/), "Test Works");
    await user.type(
      screen.getByLabelText(/serial number/i, { selector: "form input" }),
      "SN-1",
    );
    await user.click(screen.getByLabelText("Certificate", { selector: "textarea" }));
    await user.paste(PEM);
  }

  it("shows the certificate before it counts, then opens the device", async () => {
    answers["POST /devices"] = { status: 201, body: DEVICE };
    const user = open("/devices");
    await fill(user);
    const shown = await screen.findByRole("region", { name: "What the certificate says" });
    expect(shown).toHaveTextContent("CN=Room 3");
    expect(shown).toHaveTextContent("ab12 ab12");
    await user.click(screen.getByRole("button", { name: "Enrol" }));
    await screen.findByRole("heading", { name: "Room 3", level: 1 });
    expect(sent("POST", "/devices")[0]?.body).toEqual({
      name: "Room 3",
      manufacturer: "Test Works",
      serial_number: "SN-1",
      model_name: "",
      ae_title: "",
      certificate: PEM,
      valid_from: null,
      valid_until: null,
    });
    await screen.findByText(/Room 3 is enrolled/);
  });

  it("cannot go on with a certificate that cannot be taken", async () => {
    const remark = { code: "expired", text: "It expired on 2026-01-01.", is_refusal: true };
    answers["POST /devices/inspect"] = { body: { ...GOOD, remarks: [remark] } };
    const user = open("/devices");
    await fill(user);
    await screen.findByText(/It expired on/);
    expect(screen.getByRole("button", { name: "Enrol" })).toBeDisabled();
  });

  it("warns of a weak key and goes on", async () => {
    const remark = { code: "weak_key", text: "Its key can be broken.", is_refusal: false };
    answers["POST /devices/inspect"] = { body: { ...GOOD, remarks: [remark] } };
    const user = open("/devices");
    await fill(user);
    await screen.findByText(/Its key can be broken/);
    expect(screen.getByRole("button", { name: "Enrol" })).toBeEnabled();
  });

  it("says why the server refused, and keeps what was typed", async () => {
    const detail = "Room 4 has this manufacturer and serial number.";
    answers["POST /devices"] = { status: 409, body: { code: "duplicate_device", detail } };
    const user = open("/devices");
    await fill(user);
    await waitFor(() => expect(screen.getByRole("button", { name: "Enrol" })).toBeEnabled());
    await user.click(screen.getByRole("button", { name: "Enrol" }));
    await screen.findByText(detail);
    expect(screen.getByLabelText("Name in this registry")).toHaveValue("Room 3");
  });

  it("keeps a chosen span within that of the certificate", async () => {
    answers["POST /devices"] = { status: 201, body: DEVICE };
    const user = open("/devices");
    await fill(user);
    await screen.findByRole("region", { name: "What the certificate says" });
    await user.click(screen.getByText(/for a part of its validity/));
    await user.type(screen.getByLabelText("From"), "2026-01-01");
    await user.type(screen.getByLabelText(/^Until/), "2027-05-31");
    await user.click(screen.getByRole("button", { name: "Enrol" }));
    await waitFor(() => expect(sent("POST", "/devices")).toHaveLength(1));
    expect(sent("POST", "/devices")[0]?.body).toMatchObject({
      valid_from: null,
      valid_until: "2027-05-31T23:59:59.000Z",
    });
  });
});

describe("a device", () => {
  it("tells its certificates and what happened to it", async () => {
    open("/devices/d-1");
    await screen.findByRole("heading", { name: "Room 3", level: 1 });
    const history = screen.getByRole("region", { name: "History" });
    expect(history).toHaveTextContent("Changed Ada Admin");
    expect(history).toHaveTextContent("AE title: nothing is now ROOM3");
    expect(history).toHaveTextContent("log entry 12");
    expect(screen.getByText(/What it signs counts from 1 Jan 2026/)).toBeVisible();
  });

  it("can be looked at by who may not change it", async () => {
    open("/devices/d-1", ["view_devices"]);
    await screen.findByRole("heading", { name: "Room 3", level: 1 });
    const page = screen.getByRole("region", { name: "Room 3" });
    expect(within(page).queryAllByRole("button")).toEqual([]);
  });

  it("is revoked with a reason and a moment, after the consequences were told", async () => {
    const revoked: DeviceCertificate = {
      ...CERTIFICATE,
      state: "revoked",
      reason: "key_compromise",
      revoked_at: AT,
      ended_at: AT,
      ended_by: PERSON,
      note: "USB stick lost",
    };
    const after = {
      ...DEVICE,
      state: "revoked",
      certificate: revoked,
      certificates: [revoked],
    };
    answers["POST /devices/d-1/revoke"] = { body: after };
    const user = open("/devices/d-1");
    await user.click(await screen.findByRole("button", { name: "Revoke" }));
    const dialog = screen.getByRole("dialog");
    expect(dialog).toHaveTextContent("a stolen key can state any time");
    const confirm = within(dialog).getByRole("button", { name: "Revoke" });
    expect(confirm).toBeDisabled();
    await user.selectOptions(within(dialog).getByLabelText("Why"), "key_compromise");
    await user.type(within(dialog).getByLabelText(/^Note/), "USB stick lost");
    answers["GET /devices/d-1"] = { body: after };
    await user.click(confirm);
    await screen.findByText(/USB stick lost/);
    const body = sent("POST", "/devices/d-1/revoke")[0]?.body;
    expect(body).toMatchObject({
      certificate_id: "x-1",
      reason: "key_compromise",
      note: "USB stick lost",
    });
    expect(Math.abs(Date.parse(String(body?.["revoked_at"])) - Date.now())).toBeLessThan(
      120_000,
    );
    expect(screen.getByRole("button", { name: "Give a certificate" })).toBeVisible();
  });

  it("is changed only as it was looked at", async () => {
    const detail = "Somebody changed this device meanwhile. Look at it again.";
    answers["PUT /devices/d-1"] = { status: 409, body: { code: "device_changed", detail } };
    const user = open("/devices/d-1");
    await user.click(await screen.findByRole("button", { name: "Change" }));
    await user.type(screen.getByLabelText("AE title (optional)"), "ROOM3");
    await user.click(screen.getByRole("button", { name: "Keep" }));
    await screen.findByText(detail);
    expect(sent("PUT", "/devices/d-1")[0]?.body).toMatchObject({
      ae_title: "ROOM3",
      version: 4,
    });
  });
});

describe("authorities", () => {
  it("show the list in force and that it is overdue", async () => {
    open("/devices?tab=authorities");
    const row = (await screen.findByText("#7")).closest("tr");
    expect(row).toHaveTextContent("in force #7");
    expect(row).toHaveTextContent("1 Feb 2020, overdue");
  });

  it("a list tells how many devices it touched", async () => {
    answers["POST /devices/revocation-lists"] = {
      status: 201,
      body: { ...AUTHORITY.lists[0], authority_id: "a-1", revoked_devices: ["d-1", "d-2"] },
    };
    const user = open("/devices?tab=authorities");
    await user.click(await screen.findByRole("button", { name: "Add a revocation list" }));
    await user.click(screen.getByLabelText("Revocation list", { selector: "textarea" }));
    await user.paste("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----");
    await user.click(screen.getByRole("button", { name: "Add" }));
    await screen.findByText(
      "The list is in force. It revoked certificates of 2 enrolled devices.",
    );
  });
});
