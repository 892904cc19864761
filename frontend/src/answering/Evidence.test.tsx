/** How often a flag is right stands beside it, and only there. */
import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, it } from "vitest";

import type { FlagValue, LaneEvidence } from "@/api/types";
import { ShortcutProvider } from "@/ui/shortcuts";

import { Evidence } from "./Evidence";

const LANE: LaneEvidence = {
  lane: "synthesis",
  version: "0.3",
  status: "finding",
  reason: "Looks generated.",
  suspicion: 0.97,
  findings: [],
  has_heatmap: false,
  has_reliability: false,
  model_sha256: "a".repeat(64),
  seconds: 0.5,
};
const WORTH: FlagValue = {
  lane: "synthesis",
  prevalence: 0.01,
  false_alarms: 0.01,
  sensitivity: { value: 0.41, low: 0.32, high: 0.5 },
  value: { value: 0.293, low: 0.246, high: 0.335 },
};

function show(lane: LaneEvidence, worth: readonly FlagValue[] | undefined) {
  const opinion = { suspicion: 0.9, flagged: true, reason: "Looks generated." };
  render(
    <MemoryRouter>
      <ShortcutProvider>
        <Evidence
          evidence={{
            ...opinion,
            threshold: 0.6,
            overruled_of_last: null,
            images: [
              { ...opinion, image_id: "i-1", override: null, top_lane: null, lanes: [lane] },
            ],
            ...(worth === undefined ? {} : { flag_values: [...worth] }),
          }}
          imageId="i-1"
          shownMap={null}
          onMap={() => undefined}
        />
      </ShortcutProvider>
    </MemoryRouter>,
  );
}

it("says how many of such flags are right, and on what that rests", () => {
  show(LANE, [WORTH]);
  expect(screen.getByText(/of such flags are right/)).toHaveTextContent(
    "29 % of such flags are right (25 % to 34 %) if 1.0 % of the films here are generated: the model flags 41 % of those, and 1 % of real films.",
  );
});

it.each([
  ["a lane that found nothing", { ...LANE, status: "clear" as const }, [WORTH]],
  ["another lane", { ...LANE, lane: "tamper" as const }, [WORTH]],
  ["practice", LANE, undefined],
])("says nothing of it beside %s", (_, lane, worth) => {
  show(lane, worth);
  expect(screen.queryByText(/of such flags/)).toBeNull();
});
