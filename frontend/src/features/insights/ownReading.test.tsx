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
  canaries: {
    figures: { first_missed: NONE, final_missed: NONE, first_alarms: NONE, final_alarms: NONE },
    newest: [],
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

  it("tells misses on films of known truth, and names the cases", async () => {
    const canary = {
      case_id: "c0ffee00-0000-4000-8000-000000000001",
      truth: "generated" as const,
      first_answer: "authentic" as const,
      outcome: "suspicious" as const,
      is_blind: true,
      filed_at: "2026-11-22T10:00:00Z",
    };
    open({
      ...EMPTY,
      reads: 5,
      canaries: {
        figures: {
          first_missed: { value: 0.5, low: 0.15, high: 0.85, n: 4 },
          final_missed: { value: 0, low: 0, high: 0.49, n: 4 },
          first_alarms: NONE,
          final_alarms: { value: 1, low: 0.2, high: 1, n: 1 },
        },
        newest: [
          canary,
          {
            ...canary,
            case_id: "decaf000-0000-4000-8000-000000000002",
            truth: "authentic" as const,
            first_answer: "cannot_tell" as const,
            is_blind: false,
          },
        ],
      },
    });
    const missed = await screen.findByRole("region", { name: "Fakes missed at first" });
    within(missed).getByText("2 of 4 fakes");
    within(missed).getByText("95 % interval 15.0 % to 85.0 %");
    screen.getByText("You had no authentic film among these.");
    const [, fake, real] = screen.getAllByRole("row");
    const link = within(fake as HTMLElement).getByRole("link", { name: "c0ffee00" });
    expect(link).toHaveAttribute("href", `/cases/${canary.case_id}`);
    expect(fake).toHaveTextContent(/Generated.*Authentic.*missed.*Suspicious/);
    expect(within(fake as HTMLElement).getAllByText("missed")).toHaveLength(1);
    expect(real).toHaveTextContent(/Cannot tell, informed.*false alarm/);
  });

  it("says where films of known truth will be told while there are none", async () => {
    open({ ...EMPTY, reads: 3 });
    await screen.findByText(/told here once their case is closed/);
    expect(screen.queryByRole("table")).toBeNull();
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
