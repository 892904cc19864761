/** The cue for a pause: there when it is due, gone when it is put away, never in the way. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { createQueryClient } from "@/api/queries";
import type { Stretch } from "@/api/types";
import { HintProvider } from "@/ui/Button";

import { forgetHidden, PauseCue, stretchWords } from "./PauseCue";

const DUE: Stretch = { reads: 42, minutes: 110, is_due: true };
let served: Stretch | null;
let asked: string[];

function open(caseId = "c-1") {
  const client = createQueryClient(() => undefined);
  const page = (id: string) => (
    <QueryClientProvider client={client}>
      <HintProvider>
        <PauseCue key={id} slug="emergency" caseId={id} />
      </HintProvider>
    </QueryClientProvider>
  );
  const { rerender, container } = render(page(caseId));
  return { container, next: (id: string) => rerender(page(id)) };
}

beforeEach(() => {
  forgetHidden();
  [served, asked] = [DUE, []];
  vi.stubGlobal("fetch", (input: RequestInfo | URL) => {
    asked.push(String(input));
    return Promise.resolve(
      served === null
        ? Response.json({ detail: "gone", code: "not_found" }, { status: 404 })
        : Response.json(served),
    );
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("says the reader's own figures, once a case, and takes no focus", async () => {
  const { next } = open();
  expect(await screen.findByText("42 reads in 1 h 50 min without a pause")).toBeVisible();
  expect(asked).toEqual(["/api/v1/worklists/emergency/stretch"]);
  expect(document.body).toHaveFocus();
  // Not read out in the middle of a case: no live region.
  expect(screen.queryByRole("status")).toBeNull();
  expect(screen.queryByRole("alert")).toBeNull();
  next("c-2");
  await waitFor(() => expect(asked).toHaveLength(2));
});

it("says nothing while none is due, or when the server cannot be asked", async () => {
  served = { ...DUE, is_due: false };
  const { container, next } = open();
  await waitFor(() => expect(asked).toHaveLength(1));
  served = null;
  next("c-2");
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(container).toBeEmptyDOMElement();
});

it("that was put away stays away for half an hour, on the next cases too", async () => {
  const { container, next } = open();
  await userEvent.click(await screen.findByRole("button", { name: /Hide the reminder/ }));
  expect(container).toBeEmptyDOMElement();
  next("c-2");
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(container).toBeEmptyDOMElement();
  vi.useFakeTimers({ now: Date.now() + 31 * 60_000, toFake: ["Date"] });
  next("c-3");
  await screen.findByText(/42 reads/);
});

it("counts in words that fit", () => {
  expect(stretchWords({ reads: 1, minutes: 0, is_due: true })).toBe("1 read without a pause");
  expect(stretchWords({ reads: 0, minutes: 75, is_due: true })).toBe(
    "1 h 15 min without a pause",
  );
});
