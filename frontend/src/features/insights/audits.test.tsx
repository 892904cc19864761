import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import type { DepartmentAudits } from "@/api/types";

import { AuditPanel } from "./AuditTable";

const ROOM: DepartmentAudits = {
  slug: "claims",
  name: "Claims",
  share: 0.05,
  open: 2,
  dropped: 1,
  closed: 40,
  missed_by_system: { value: 0.05, low: 0.01, high: 0.17, n: 38 },
  missed_by_readers: { value: null, low: null, high: null, n: 0 },
};

function open(answer: unknown, status = 200) {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(answer, { status })));
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <AuditPanel />
    </QueryClientProvider>,
  );
}

afterEach(() => vi.unstubAllGlobals());

it("shows misses with their intervals", async () => {
  open([ROOM]);
  const row = (await screen.findByText("Claims")).closest("tr") as HTMLElement;
  const cells = within(row)
    .getAllByRole("cell")
    .map((cell) => cell.textContent);
  expect(cells).toEqual(["5.0 %", "2", "1", "40", "5.0 % 1.0 % to 17.0 %", "none yet"]);
});

it("says that nothing is audited, instead of an empty table", async () => {
  open([]);
  await screen.findByText(/No triage department is audited/);
  expect(screen.queryByRole("table")).toBeNull();
});

it("says when it is refused", async () => {
  open({ title: "Denied", status: 403, detail: "No.", code: "denied" }, 403);
  await screen.findByText(/could not be loaded/);
});
