import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import type { DepartmentCanaries } from "@/api/types";

import { CanaryPanel } from "./CanaryTable";

const NONE = { value: null, low: null, high: null, n: 0 };
const ROOM: DepartmentCanaries = {
  slug: "emergency",
  name: "Emergency",
  share: 0,
  in_stock: 0,
  dropped: 0,
  results: 0,
  figures: { first_missed: NONE, final_missed: NONE, first_alarms: NONE, final_alarms: NONE },
};

function open(answer: unknown, status = 200) {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(answer, { status })));
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <CanaryPanel />
    </QueryClientProvider>,
  );
}

afterEach(() => vi.unstubAllGlobals());

it("shows the departments that mix such films in, with intervals", async () => {
  const missed = { value: 0.25, low: 0.1, high: 0.5, n: 20 };
  open([
    { ...ROOM, slug: "claims", name: "Claims" },
    {
      ...ROOM,
      share: 0.02,
      in_stock: 12,
      dropped: 3,
      results: 20,
      figures: { ...ROOM.figures, first_missed: missed },
    },
  ]);
  const row = (await screen.findByText("Emergency")).closest("tr") as HTMLElement;
  const cells = within(row)
    .getAllByRole("cell")
    .map((cell) => cell.textContent);
  expect(cells.slice(0, 5)).toEqual(["2.0 %", "12", "3", "20", "25.0 % 10.0 % to 50.0 %"]);
  expect(cells.slice(5)).toEqual(["none yet", "none yet", "none yet"]);
  expect(screen.queryByText("Claims")).toBeNull();
});

it("says that no department does, instead of an empty table", async () => {
  open([ROOM]);
  await screen.findByText(/No department mixes films of known truth in/);
  expect(screen.queryByRole("table")).toBeNull();
});

it("says when it is refused", async () => {
  open({ title: "Denied", status: 403, detail: "No.", code: "denied" }, 403);
  await screen.findByText(/could not be loaded/);
});
