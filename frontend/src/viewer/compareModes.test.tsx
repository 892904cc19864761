import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";

import { compareReducer, FIRST_COMPARE, type CompareAction } from "./compareModes";
import { CompareViewer } from "./CompareViewer";

// What is drawn needs a browser (screenshots); here: which film shows, and by which keys.
vi.mock("./useStage", () => ({
  useLoadedStage: () => ({
    stageRef: { current: null },
    film: null,
    place: null,
    error: null,
    retry: () => undefined,
  }),
  useDrawing: () => undefined,
}));
vi.mock("@/imaging/cornerstone", () => ({ films: {} }));

const film = (imageId: string) => ({
  stack: { places: [{ imageId, frame: 0 }], images: [] },
  index: 0,
});

const after = (...actions: CompareAction[]) => actions.reduce(compareReducer, FIRST_COMPARE);

describe("laying two films over each other", () => {
  it("shows the other film at the first blink, then the first again", () => {
    expect(after({ type: "blink" })).toMatchObject({ mode: "blink", showsOther: true });
    expect(after({ type: "blink" }, { type: "blink" }).showsOther).toBe(false);
    expect(after({ type: "blink" }, { type: "mode", mode: "side" }).showsOther).toBe(false);
  });

  it("keeps the swipe on the films, whatever is typed", () => {
    expect(after({ type: "swipe", to: 140 }).swipe).toBe(100);
    expect(after({ type: "swipe", to: -3 }).swipe).toBe(0);
    expect(after({ type: "swipe", to: Number.NaN }).swipe).toBe(50);
    expect(after({ type: "swipe", to: 99 }, { type: "swipe-by", by: 2 }).swipe).toBe(100);
    expect(after({ type: "swipe-by", by: 2 })).toBe(FIRST_COMPARE);
  });
});

describe("the keys of Compare", () => {
  it("choose the mode, blink, and move the swipe by arrows and by number", async () => {
    render(
      <ShortcutProvider>
        <HintProvider>
          <CompareViewer
            first={{ ...film("a"), label: "This film" }}
            other={{ ...film("b"), label: "12 Mar 2026" }}
            alignment={null}
          />
        </HintProvider>
      </ShortcutProvider>,
    );
    const user = userEvent.setup();
    const pane = (which: string) => document.querySelector(`[data-which="${which}"]`);
    // A film is no stack: no slice to scroll to, and the page keys stay the browser's.
    expect(screen.queryByRole("slider")).toBeNull();
    expect(screen.queryByRole("group", { name: "Stacks" })).toBeNull();
    expect(screen.getByRole("img", { name: "This film" })).toBeInTheDocument();
    await user.keyboard("2{ArrowRight}{ArrowRight}");
    expect(screen.getByRole("slider")).toHaveAttribute("aria-valuenow", "54");
    expect(pane("other")).toHaveStyle({ clipPath: "inset(0 0 0 54%)" });
    const percent = screen.getByRole("spinbutton", { name: /Swipe/ });
    await user.clear(percent);
    await user.type(percent, "7");
    expect(screen.getByRole("slider")).toHaveAttribute("aria-valuenow", "7");
    percent.blur();
    await user.keyboard(" ");
    expect(pane("first")).toHaveAttribute("data-hidden");
    expect(screen.getByText(/^Shown: 12 Mar 2026/)).toBeInTheDocument();
    await user.keyboard(" ");
    expect(pane("first")).not.toHaveAttribute("data-hidden");
    expect(pane("other")).toHaveAttribute("data-hidden");
    await user.keyboard("4");
    expect(screen.getByText("Black: both agree")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Difference" })).toHaveAttribute(
      "aria-pressed",
      "true",
    );
  });
});
