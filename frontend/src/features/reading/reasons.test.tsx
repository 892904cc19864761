/** Reasons: picked, searched, worded as they were given; and what changed a reader's mind. */
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ReasonPicker } from "@/answering/ReasonPicker";
import type { ReasonCode } from "@/api/types";

import { Reasons } from "./Answers";
import { changesToAsk, draftReducer, emptyDrafts } from "./machine";
import { CODES, read, verdict } from "./testRows";

beforeEach(() => {
  Element.prototype.scrollIntoView = () => undefined;
});

describe("an amendment", () => {
  it("starts from the verdict that it replaces", () => {
    const old = { ...verdict("Alice", "authentic"), note: "Too clean." };
    const { verdict: draft } = draftReducer(emptyDrafts, { type: "amend", verdict: old });
    expect(draft).toEqual({
      decision: "overrule",
      reasonCodes: ["uniform_grain"],
      regions: [],
      note: "Too clean.",
      changedMindCode: null,
    });
  });
});

describe("reasons", () => {
  function pickerWith(onToggle: (code: string) => void) {
    render(<ReasonPicker label="Why" codes={CODES} picked={[]} onToggle={onToggle} />);
    return screen.getByRole("combobox");
  }

  it("are picked by their digit while nothing is typed", async () => {
    const onToggle = vi.fn();
    await userEvent.type(pickerWith(onToggle), "2");
    expect(onToggle).toHaveBeenCalledExactlyOnceWith("uniform_grain");
    expect(screen.getByRole("combobox")).toHaveValue("");
  });

  it("without a digit of their own are picked by Shift and a digit", async () => {
    const onToggle = vi.fn();
    const plain = { ...CODES[0]!, code: "too_straight", label: "Too straight", hotkey: "" };
    render(
      <ReasonPicker label="Why" codes={[...CODES, plain]} picked={[]} onToggle={onToggle} />,
    );
    const box = screen.getByRole("combobox");
    await userEvent.click(box);
    // What Shift makes of the key depends on the layout; the key does not.
    fireEvent.keyDown(box, { key: "!", code: "Digit1", shiftKey: true });
    expect(onToggle).toHaveBeenCalledExactlyOnceWith("too_straight");
  });

  it("are searched by a digit after a letter, or one that no reason has", async () => {
    const onToggle = vi.fn();
    const box = pickerWith(onToggle);
    await userEvent.type(box, "7x2");
    expect(onToggle).not.toHaveBeenCalled();
    expect(box).toHaveValue("7x2");
  });

  it("that are retired are not offered, but named where they were given", async () => {
    await userEvent.click(pickerWith(vi.fn()));
    expect(screen.getByText("Uniform grain")).toBeInTheDocument();
    expect(screen.queryByText("An old reason")).toBeNull();
    render(<Reasons codes={CODES} given={["old_reason"]} words={[]} />);
    expect(screen.getByText("An old reason")).toBeInTheDocument();
  });

  it("are shown as they were worded when they were given", () => {
    const { reason_codes, reason_words } = verdict("Alice", "suspicious");
    render(<Reasons codes={CODES} given={reason_codes} words={reason_words} />);
    expect(screen.getByText("Grain, as it was called")).toBeInTheDocument();
  });
});

describe("what changed the reader's mind", () => {
  const slip: ReasonCode = { ...CODES[0]!, code: "slip", group: "changed_mind", hotkey: "4" };
  const codes = [...CODES, slip, { ...slip, code: "old", active: false }];
  const first = read("Alice", "authentic");

  it("is asked for a switch only, from the reasons in use", () => {
    expect(changesToAsk(codes, first, "confirm", true)).toEqual([slip]);
    expect(changesToAsk(codes, first, "overrule", true)).toEqual([]);
    expect(changesToAsk(codes, first, "inconclusive", true)).toEqual([]);
    expect(changesToAsk(codes, first, "confirm", null)).toEqual([]);
    expect(changesToAsk(codes, null, "confirm", true)).toEqual([]);
  });
});
