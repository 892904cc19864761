import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";

import { StackBar } from "./StackBar";

it("scrolls by left and right while its slider has the focus, and no further than its ends", () => {
  const onIndex = vi.fn();
  const cine = { isOn: false, rate: 10, toggle: vi.fn(), stop: vi.fn(), setRate: vi.fn() };
  const bar = (index: number) => (
    <ShortcutProvider>
      <HintProvider>
        <StackBar index={index} count={3} flagged={[]} onIndex={onIndex} cine={cine} />
      </HintProvider>
    </ShortcutProvider>
  );
  const { rerender } = render(bar(1));
  const slider = screen.getByRole("slider", { name: "Slice" });
  // Prevented: no key of the page takes it for panning the film.
  expect(fireEvent.keyDown(slider, { key: "ArrowRight" })).toBe(false);
  expect(onIndex).toHaveBeenLastCalledWith(2);
  expect(fireEvent.keyDown(slider, { key: "ArrowLeft" })).toBe(false);
  expect(onIndex).toHaveBeenLastCalledWith(0);
  rerender(bar(2));
  fireEvent.keyDown(slider, { key: "ArrowRight" });
  expect(onIndex).toHaveBeenLastCalledWith(2);
  expect(fireEvent.keyDown(slider, { key: "PageDown" })).toBe(true);
});
