import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import type { Preset } from "./presets";
import { WindowMenu } from "./WindowMenu";

const preset = (id: string, label: string): Preset =>
  ({ id, label, window: { center: 40, width: 400 }, voi: "LINEAR" }) as unknown as Preset;
const PRESETS = [preset("file", "The file's window"), preset("bone", "Bone")];

function show() {
  const onChoose = vi.fn();
  render(<WindowMenu presets={PRESETS} current={PRESETS[0] ?? null} onChoose={onChoose} />);
  return onChoose;
}

it("gives the focus away after a click, so that Enter does not open it again", async () => {
  const onChoose = show();
  const user = userEvent.setup();
  await user.click(screen.getByRole("button"));
  await user.click(await screen.findByRole("menuitemradio", { name: /Bone/ }));
  expect(onChoose).toHaveBeenCalledWith(PRESETS[1]);
  await waitFor(() => expect(document.body).toHaveFocus());
  await user.keyboard("{Enter}");
  expect(screen.queryByRole("menu")).toBeNull();
});

it("keeps the focus where it was opened by key", async () => {
  show();
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard("{Enter}");
  await screen.findByRole("menu");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.getByRole("button")).toHaveFocus());
});
