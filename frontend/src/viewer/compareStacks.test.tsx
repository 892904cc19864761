import {
  act,
  configure,
  fireEvent,
  render,
  screen,
  waitFor,
  within,
} from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { HintProvider } from "@/ui/Button";
import { ShortcutProvider } from "@/ui/shortcuts";

import { CompareViewer } from "./CompareViewer";
import type { ComparedStack } from "./comparePairs";

/** What is drawn on which canvas, in the order of drawing; slices held back; those that fail. */
const { drawn, late, broken } = vi.hoisted(() => ({
  drawn: [] as string[],
  late: new Map<string, (() => void)[]>(),
  broken: new Set<string>(),
}));

vi.mock("@/imaging/cornerstone", () => {
  const filmOf = (imageId: string, frame: number) => ({
    meta: {
      id: imageId,
      rows: 8,
      columns: 8,
      samples: 1,
      bits_stored: 8,
      photometric: "MONOCHROME2",
      slope: 1,
      intercept: 0,
      windows: [{ center: 50, width: 100, label: "" }],
      voi_function: "LINEAR",
      spacing_mm: null,
    },
    frame,
    pixels: new Uint8Array(64),
    min: 0,
    max: 255,
  });
  const load = (imageId: string, frame: number) => {
    if (broken.has(imageId)) return Promise.reject(new Error("gone"));
    const waiting = late.get(imageId);
    if (waiting === undefined) return Promise.resolve(filmOf(imageId, frame));
    return new Promise((arrive) => waiting.push(() => arrive(filmOf(imageId, frame))));
  };
  return { films: { load, has: () => true, prefetchAround: () => undefined } };
});

// Draws nothing, but says what it would have drawn.
vi.mock("./stage", async () => {
  const { films } = await import("@/imaging/cornerstone");
  const { affine } = await import("@/geometry");
  class Stage {
    film: { meta: { id: string } } | null = null;
    readonly size = { width: 80, height: 80 };
    #onPainted: (map: unknown) => void = () => undefined;
    listen(onPainted: (map: unknown) => void) {
      this.#onPainted = onPainted;
    }
    async show(imageId: string, frame: number) {
      this.film = await films.load(imageId, frame);
      return this.film;
    }
    render() {
      drawn.push(this.film?.meta.id ?? "nothing");
      this.#onPainted(affine(1, 0, 0, 1, 0, 0));
    }
    resize() {}
    destroy() {}
  }
  return {
    Stage,
    CameraError: class extends Error {},
    filmShape: () => ({ rows: 8, columns: 8, pixelAspect: [1, 1] }),
  };
});

class SizeAtOnce {
  readonly #onSize: () => void;
  constructor(onSize: () => void) {
    this.#onSize = onSize;
  }
  observe() {
    this.#onSize();
  }
  unobserve() {}
  disconnect() {}
}

function stack(name: string, count: number, positions: readonly number[] = []): ComparedStack {
  const ids = Array.from({ length: count }, (_, i) => `${name}${i}`);
  return {
    places: ids.map((imageId) => ({ imageId, frame: 0 })),
    images: ids.map((id, i) => {
      const at = positions[i];
      if (at === undefined) return { id, plane: null };
      return {
        id,
        plane: { frame_of_reference: "f", normal: [0, 0, 1], positions_mm: [at] },
      };
    }),
  };
}

async function open(first: ComparedStack, other: ComparedStack) {
  const { container } = render(
    <ShortcutProvider>
      <HintProvider>
        <CompareViewer
          first={{ stack: first, index: 0, label: "This study" }}
          other={{ stack: other, index: null, label: "12 Mar 2026" }}
          alignment={null}
        />
      </HintProvider>
    </ShortcutProvider>,
  );
  await waitFor(() => expect(container.querySelectorAll("[data-film-ready]")).toHaveLength(2));
  return { container, user: userEvent.setup() };
}

/** The slices on screen, by what the panes say. */
const shown = () =>
  screen
    .getAllByRole("img")
    .map((pane) => /slice (\d+)/.exec(pane.getAttribute("aria-label") ?? "")?.[1])
    .join("/");

/** What both canvases hold now. */
const onCanvases = () => ["a", "b"].map((name) => drawn.findLast((id) => id.startsWith(name)));

const settled = async (slices: string) => {
  await waitFor(() => expect(shown()).toBe(slices));
  await waitFor(() => expect(document.querySelectorAll("[data-film-ready]")).toHaveLength(2));
};

// A busy machine is no reason to fail.
configure({ asyncUtilTimeout: 8_000 });

beforeEach(() => {
  drawn.length = 0;
  late.clear();
  broken.clear();
  vi.stubGlobal("ResizeObserver", SizeAtOnce);
});
afterEach(() => vi.unstubAllGlobals());

describe("two stacks", () => {
  it("are scrolled as one by the keys and the wheel of the viewer", async () => {
    const { container, user } = await open(stack("a", 5), stack("b", 5));
    await settled("1/1");
    await user.keyboard("{PageDown}");
    await settled("2/2");
    await user.keyboard("{ArrowDown}{ArrowDown}{PageUp}");
    await settled("3/3");
    await user.keyboard("{End}");
    await settled("5/5");
    expect(onCanvases()).toEqual(["a4", "b4"]);
    await user.keyboard("{Home}");
    await settled("1/1");
    fireEvent.wheel(screen.getByRole("img", { name: /^12 Mar 2026/ }), { deltaY: 130 });
    await settled("3/3");
    expect((await axe.run(container)).violations).toEqual([]);
  });

  it("show no slice before the one it belongs to is here", async () => {
    const { container, user } = await open(stack("a", 5), stack("b", 5));
    await settled("1/1");
    const waiting: (() => void)[] = [];
    late.set("b1", waiting);
    await user.keyboard("4{PageDown}");
    expect(await screen.findAllByText("Loading the slice…")).toHaveLength(2);
    // The slider is where the hand put it; the films are the pair before.
    expect(screen.getByRole("slider", { name: "Slice, This study" })).toHaveValue("2");
    expect(shown()).toBe("1/1");
    expect(container.querySelectorAll("[data-film-ready]")).toHaveLength(0);
    // It came, but the memory was full: the stage has to ask once more.
    for (const asker of ["for both", "for the stage"]) {
      await waitFor(() => expect(waiting, asker).toHaveLength(1));
      await user.keyboard("+");
      expect(shown()).toBe("1/1");
      expect(onCanvases()).toEqual(["a0", "b0"]);
      act(() => waiting.shift()?.());
    }
    await settled("2/2");
    expect(onCanvases()).toEqual(["a1", "b1"]);
  });

  it("in difference show nothing while one of them cannot be had", async () => {
    const { container, user } = await open(stack("a", 5), stack("b", 5));
    const films = container.querySelector(".compare-films");
    expect(films).not.toHaveAttribute("data-waiting");
    broken.add("b1");
    await user.keyboard("4{PageDown}");
    expect(await screen.findByText("The film could not be shown")).toBeInTheDocument();
    expect(films).toHaveAttribute("data-waiting");
    // The other is not kept from the reader.
    await waitFor(() => expect(onCanvases()[0]).toBe("a1"));
    broken.clear();
    await user.click(screen.getByRole("button", { name: /again/i }));
    await settled("2/2");
    expect(films).not.toHaveAttribute("data-waiting");
  });

  it("are brought into register by hand, and stay so", async () => {
    const { container, user } = await open(stack("a", 6), stack("b", 6));
    const link = screen.getByRole("button", { name: "Linked by number" });
    expect(link).toHaveAttribute("aria-pressed", "true");
    expect(link).toHaveAccessibleDescription(/^It is not known how the slices lie/);
    await user.keyboard("l");
    expect(screen.getByRole("button", { name: "Not linked" })).toBeInTheDocument();
    await user.keyboard("o{PageDown}{PageDown}");
    await settled("1/3");
    await user.keyboard("o{PageDown}");
    await settled("2/3");
    expect((await axe.run(container)).violations).toEqual([]);
    await user.keyboard("l{PageDown}");
    await settled("3/4");
    const moved = screen.getByRole("button", { name: /^Moved by hand: \+1 slice\./ });
    await user.click(moved);
    await settled("3/3");
    expect(screen.queryByRole("button", { name: /^Moved by hand/ })).toBeNull();
  });

  it("each have a slider that the keyboard moves", async () => {
    const { user } = await open(stack("a", 6), stack("b", 6));
    const bar = within(screen.getByRole("group", { name: "Stacks" }));
    const other = bar.getByRole("slider", { name: "Slice, 12 Mar 2026" });
    await user.keyboard("l");
    act(() => other.focus());
    await user.keyboard("{ArrowRight}{ArrowRight}{ArrowLeft}");
    await settled("1/2");
    expect(other).toHaveAttribute("aria-valuetext", "Slice 2 of 6");
    // The page keys scroll the one that has the focus.
    await user.keyboard("{PageDown}");
    await settled("1/3");
    fireEvent.change(bar.getByRole("slider", { name: "Slice, This study" }), {
      target: { value: "4" },
    });
    await settled("4/3");
  });

  it("are linked by place where the files say it, and tell where one has no slice", async () => {
    const { user } = await open(stack("a", 4, [0, 5, 10, 15]), stack("b", 2, [5, 10]));
    expect(screen.getByRole("button", { name: "Linked by position" })).toBeInTheDocument();
    expect(
      screen.getByRole("img", {
        name: "12 Mar 2026, slice 1 of 2: the nearest, there is none here",
      }),
    ).toBeInTheDocument();
    // Their difference would claim that they belong together.
    await user.keyboard("4");
    expect(screen.getByText(/^One side has no slice here/)).toBeInTheDocument();
    expect(screen.queryByText("Black: both agree")).toBeNull();
    await user.keyboard("{PageDown}{PageDown}");
    await settled("3/2");
    expect(screen.getByText("Black: both agree")).toBeInTheDocument();
    expect(screen.queryByText(/^One side has no slice here/)).toBeNull();
    expect(screen.getByRole("img", { name: "12 Mar 2026, slice 2 of 2" })).toBeInTheDocument();
  });

  it("keep window, zoom and mode while they are scrolled", async () => {
    const { container, user } = await open(stack("a", 5), stack("b", 5));
    await user.keyboard("2v{PageDown}");
    await settled("2/2");
    expect(container.querySelector(".compare-films")).toHaveAttribute("data-mode", "swipe");
    expect(screen.getByRole("button", { name: "Invert greys" })).toHaveAttribute(
      "aria-pressed",
      "true",
    );
  });
});
