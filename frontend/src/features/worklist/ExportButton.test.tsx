import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { Me } from "@/api/types";
import { HintProvider } from "@/ui/Button";
import { Toasts } from "@/ui/toast";

import { ExportButton } from "./ExportButton";
import { DEFAULT_FILTERS } from "./filters";
import { ME } from "./testRows";

const LEAD: Me = { ...ME, permissions: ["read_cases", "export_cases"] };

let calls: { call: string; body: unknown }[] = [];
let status = 200;
let taken: string[] = [];

function show(me: Me) {
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <MeProvider value={me}>
        <HintProvider>
          <ExportButton
            slug="blind"
            mode="blind_first"
            filters={{ ...DEFAULT_FILTERS, f: "age<2d", q: "patient:anna", mine: "unclaimed" }}
          />
          <Toasts />
        </HintProvider>
      </MeProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  calls = [];
  taken = [];
  status = 200;
  vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => {
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : null;
    calls.push({ call: `${init?.method ?? "GET"} ${String(input)}`, body });
    const refusal = JSON.stringify({
      code: "denied",
      detail: "Your role does not allow this.",
    });
    return Promise.resolve(new Response(status === 200 ? "a,b\r\n" : refusal, { status }));
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    taken.push(`${this.download} ${this.href}`);
  });
  URL.createObjectURL = () => "blob:list";
  URL.revokeObjectURL = () => undefined;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the list as a file", () => {
  it("is asked for as it is filtered, with names in the body, and handed over", async () => {
    show(LEAD);
    await userEvent.click(screen.getByRole("button", { name: /Download this list/ }));
    await screen.findByText("Downloaded the list. That is on the log.");
    expect(calls).toEqual([
      {
        call: "POST /api/v1/worklists/blind/cases/csv",
        body: {
          modality: "",
          state: "open",
          mine: "unclaimed",
          sort: "shuffled",
          filter: "age<2d patient:anna",
        },
      },
    ]);
    expect(taken).toEqual(["worklist-blind.csv blob:list"]);
  });

  it("is not offered to who may not take it", () => {
    show(ME);
    expect(screen.queryByRole("button", { name: /Download/ })).toBeNull();
  });

  it("is not said to be there when the server refuses it", async () => {
    status = 403;
    show(LEAD);
    await userEvent.click(screen.getByRole("button", { name: /Download this list/ }));
    await waitFor(() =>
      expect(screen.getByText("Your role does not allow this.")).toBeInTheDocument(),
    );
    expect(taken).toEqual([]);
  });
});
