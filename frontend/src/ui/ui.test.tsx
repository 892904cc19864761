import { fireEvent, render, screen } from "@testing-library/react";
import { useLayoutEffect } from "react";
import { describe, expect, it, vi } from "vitest";

import {
  formatBytes,
  formatCount,
  formatMinutes,
  formatPatientName,
  formatRemaining,
  formatWhen,
  withoutStop,
} from "./format";
import { ShortcutProvider, useBoundShortcuts, useShortcuts, type Shortcut } from "./shortcuts";
import { readFilters, writeFilters } from "./useUrlFilters";

describe("words for numbers", () => {
  it.each([
    [0.4, "now"],
    [12, "12 min"],
    [60, "1 h"],
    [190, "3 h 10 min"],
    [1440 + 180, "1 d 3 h"],
    [-5, "now"],
  ])("%d minutes of waiting read %j", (minutes, words) => {
    expect(formatMinutes(minutes)).toBe(words);
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_600, "1.0 MB"],
    [48_213, "48 kB"],
    [6_800_000, "6.8 MB"],
  ])("%d bytes read %j", (bytes, words) => {
    expect(formatBytes(bytes)).toBe(words);
  });

  it.each([
    ["DEMO^Anna", "DEMO, Anna"],
    ["DEMO^Anna^B^Dr", "DEMO, Anna B Dr"],
    ["Anna", "Anna"],
    ["^Anna", "Anna"],
    ["", "No name"],
  ])("the DICOM name %j reads %j", (name, words) => {
    expect(formatPatientName(name)).toBe(words);
  });

  it("a moment of today has no date, one of another year has the year", () => {
    const now = new Date(2026, 10, 22, 20, 0);
    expect(formatWhen(new Date(2026, 10, 22, 18, 52).toISOString(), now)).toBe("18:52");
    expect(formatWhen(new Date(2026, 10, 21, 18, 52).toISOString(), now)).toBe("21 Nov, 18:52");
    expect(formatWhen(new Date(2025, 2, 1, 8, 5).toISOString(), now)).toBe("1 Mar 2025, 08:05");
    expect(formatWhen("rubbish", now)).toBe("unknown");
  });

  it("thousands are set apart, and what is left of a transfer is never nothing", () => {
    expect(formatCount(2014)).toBe("2,014");
    expect(formatRemaining(0.2)).toBe("1 s");
    expect(formatRemaining(Infinity)).toBe("unknown");
  });

  it("takes one full stop from words that stand inside a sentence", () => {
    expect(withoutStop("I hit the wrong key. ")).toBe("I hit the wrong key");
    expect(withoutStop("Really?")).toBe("Really?");
    expect(withoutStop("and so on...")).toBe("and so on...");
  });
});

describe("filters in the address", () => {
  const defaults = { q: "", state: "open" };

  it("are read over their defaults, and unknown ones are ignored", () => {
    expect(readFilters(new URLSearchParams("q=anna&evil=1"), defaults)).toEqual({
      q: "anna",
      state: "open",
    });
  });

  it("leave the address when they return to their default", () => {
    const params = writeFilters(new URLSearchParams("q=anna&state=done"), defaults, {
      state: "open",
    });
    expect(params.toString()).toBe("q=anna");
  });

  it("survive the way into the address and back", () => {
    const filters = { q: "a & b ^ ü", state: "all" };
    const params = writeFilters(new URLSearchParams(), defaults, filters);
    expect(readFilters(new URLSearchParams(params.toString()), defaults)).toEqual(filters);
  });
});

function Bound({ shortcuts }: { shortcuts: Shortcut[] }) {
  useShortcuts("Here", shortcuts);
  const scopes = useBoundShortcuts();
  return (
    <>
      <p>{scopes.flatMap((scope) => scope.shortcuts.map(({ label }) => label)).join(", ")}</p>
      <input aria-label="field" />
      <button type="button">button</button>
    </>
  );
}

describe("shortcuts", () => {
  const bind = (shortcuts: Shortcut[]) =>
    render(
      <ShortcutProvider>
        <Bound shortcuts={shortcuts} />
      </ShortcutProvider>,
    );

  it("run on any of their keys, in either case, and are listed", () => {
    const run = vi.fn();
    bind([{ keys: ["j", "ArrowDown"], label: "Next", run }]);
    fireEvent.keyDown(document.body, { key: "j" });
    fireEvent.keyDown(document.body, { key: "J" });
    fireEvent.keyDown(document.body, { key: "ArrowDown" });
    fireEvent.keyDown(document.body, { key: "k" });
    expect(run).toHaveBeenCalledTimes(3);
    expect(screen.getByText("Next")).toBeInTheDocument();
  });

  it("with Shift go before the plain key, of whatever scope", () => {
    const plain = vi.fn();
    const shifted = vi.fn();
    bind([
      { keys: "e", label: "Angle", run: plain },
      { keys: "Shift+e", label: "Ellipse", run: shifted },
    ]);
    fireEvent.keyDown(document.body, { key: "E", shiftKey: true });
    expect([plain.mock.calls.length, shifted.mock.calls.length]).toEqual([0, 1]);
    // Caps lock alone is no Shift.
    fireEvent.keyDown(document.body, { key: "E" });
    expect([plain.mock.calls.length, shifted.mock.calls.length]).toEqual([1, 1]);
  });

  it("are off while the reader types, but for those that ask for it", () => {
    const claim = vi.fn();
    const search = vi.fn();
    bind([
      { keys: "c", label: "Claim", run: claim },
      { keys: "Mod+k", label: "Search", run: search, whileTyping: true },
    ]);
    const field = screen.getByLabelText("field");
    fireEvent.keyDown(field, { key: "c" });
    fireEvent.keyDown(field, { key: "k", ctrlKey: true });
    expect(claim).not.toHaveBeenCalled();
    expect(search).toHaveBeenCalledOnce();
  });

  it("leave the browser's own combinations alone", () => {
    const run = vi.fn();
    bind([{ keys: "c", label: "Claim", run }]);
    expect(fireEvent.keyDown(document.body, { key: "c", ctrlKey: true })).toBe(true);
    expect(run).not.toHaveBeenCalled();
  });

  it("do not take Enter from a focused button", () => {
    const run = vi.fn();
    bind([{ keys: "Enter", label: "Open", run }]);
    fireEvent.keyDown(screen.getByRole("button"), { key: "Enter" });
    expect(run).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: "Enter" });
    expect(run).toHaveBeenCalledOnce();
  });

  it("are bound when the page is first seen, not a moment later", () => {
    const run = vi.fn();
    // What a browser does between the commit of a navigation and its passive effects.
    function PressAtOnce() {
      useLayoutEffect(() => {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true }));
      }, []);
      return null;
    }
    const { rerender } = render(<ShortcutProvider>{null}</ShortcutProvider>);
    rerender(
      <ShortcutProvider>
        <Bound shortcuts={[{ keys: "s", label: "Suspicious", run }]} />
        <PressAtOnce />
      </ShortcutProvider>,
    );
    expect(run).toHaveBeenCalledOnce();
  });

  it("are gone with the component that bound them", () => {
    const run = vi.fn();
    const { rerender } = bind([{ keys: "c", label: "Claim", run }]);
    rerender(<ShortcutProvider>{null}</ShortcutProvider>);
    fireEvent.keyDown(document.body, { key: "c" });
    expect(run).not.toHaveBeenCalled();
  });
});
