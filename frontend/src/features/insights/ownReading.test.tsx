import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import type { OwnReading } from "@/api/types";

import { OwnReadingPage } from "./OwnReadingPage";

const NONE = { value: null, low: null, high: null, n: 0 };
const EMPTY: OwnReading = {
  reads: 0,
  blind_reads: 0,
  verdicts: 0,
  seconds_to_seal: null,
  seconds_to_verdict: null,
  against_truth: {
    first_right: NONE,
    final_right: NONE,
    right_to_wrong: NONE,
    wrong_to_right: NONE,
  },
};

function open(answer: unknown, status = 200) {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(answer, { status })));
  render(
    <QueryClientProvider client={createQueryClient(() => undefined)}>
      <MemoryRouter>
        <OwnReadingPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

afterEach(() => vi.unstubAllGlobals());

describe("a reader's own page", () => {
  it("sends who has read nothing to the worklist", async () => {
    open(EMPTY);
    await screen.findByText("You have sealed no answer yet");
    expect(screen.getByRole("link", { name: "Worklist" })).toHaveAttribute(
      "href",
      "/worklists",
    );
  });

  it("shows shares with their numbers and interval, and says what it has none of", async () => {
    open({
      ...EMPTY,
      reads: 1200,
      blind_reads: 1100,
      verdicts: 1199,
      seconds_to_seal: 41.6,
      seconds_to_verdict: 119.6,
      against_truth: {
        first_right: { value: 0.75, low: 0.3, high: 0.95, n: 4 },
        final_right: { value: 0.5, low: 0.15, high: 0.85, n: 4 },
        right_to_wrong: { value: 1 / 3, low: 0.0615, high: 0.7923, n: 3 },
        wrong_to_right: NONE,
      },
    });
    const tile = (name: string) => within(screen.getByRole("region", { name }));
    await screen.findByText("1,200");
    tile("Answers sealed").getByText("1,100 of them blind; 1,199 verdicts filed.");
    tile("From look to seal").getByText("42 s");
    tile("From seal to verdict").getByText("2 min 0 s");
    const lost = tile("Right, then wrong");
    lost.getByText("33.3 %");
    lost.getByText("95 % interval 6.2 % to 79.2 %");
    lost.getByText("1 of 3 right first answers");
    tile("Wrong, then right").getByText("You had no wrong first answer among these.");
  });

  it("says that nothing is settled yet instead of showing empty shares", async () => {
    open({ ...EMPTY, reads: 3 });
    await screen.findByText(/None of your blind reads has been settled/);
    expect(screen.queryByText("Verdict right")).toBeNull();
  });

  it("says when the figures are refused, and shows none", async () => {
    open(
      { type: "about:blank", title: "Denied", status: 403, detail: "No.", code: "denied" },
      403,
    );
    await screen.findByText("Your figures could not be loaded");
    expect(screen.queryByText("Answers sealed")).toBeNull();
  });
});
