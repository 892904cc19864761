import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import {
  collisionsOf,
  entryOf,
  isChangeable,
  isCharacter,
  KEY_IDS,
  keysFor,
  type Keymap,
  recordedKey,
  USUAL,
} from "./keys";
import {
  Kbd,
  KeymapProvider,
  type Shortcut,
  ShortcutProvider,
  useShortcuts,
} from "./shortcuts";

const pressed = (key: string, held: Partial<KeyboardEvent> = {}) =>
  recordedKey({
    key,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...held,
  });

describe("the usual keys", () => {
  it("never mean two things at one place", () => {
    const clashes = KEY_IDS.flatMap((id) =>
      keysFor(id, USUAL).flatMap((key) =>
        collisionsOf(id, key, USUAL).map((other) => `${key}: ${id} ${other}`),
      ),
    );
    expect(clashes).toEqual([]);
  });

  it("can be changed wherever they are characters", () => {
    // Those of the reasons are set on the staff pages, and go off with the others.
    const fixed = KEY_IDS.filter((id) => id !== "verdict.change").filter((id) =>
      entryOf(id).always.some(isCharacter),
    );
    expect(fixed).toEqual([]);
    expect(isChangeable("film.box")).toBe(true);
    expect(isChangeable("case.enter")).toBe(false);
  });

  it("have words that tell them apart under their heading", () => {
    const names = KEY_IDS.map((id) => `${entryOf(id).heading}: ${entryOf(id).label}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("a person's keys", () => {
  const mine: Keymap = {
    keys: { "list.next": ["n"], "case.ask": [], "case.enter": ["z"], "old.thing": ["q"] },
    singleKeys: true,
  };

  it("stand in the place of the usual ones; what is no character stays", () => {
    expect(keysFor("list.next", mine)).toEqual(["n", "ArrowDown"]);
    expect(keysFor("list.previous", mine)).toEqual(["k", "ArrowUp"]);
    expect(keysFor("case.ask", mine)).toEqual([]);
    // Nothing that is kept, by whatever page, takes Enter away.
    expect(keysFor("case.enter", mine)).toEqual(["Enter"]);
  });

  it("do nothing by themselves once single keys are off", () => {
    const off = { ...mine, singleKeys: false };
    expect(keysFor("list.next", off)).toEqual(["ArrowDown"]);
    expect(keysFor("film.ellipse", off)).toEqual([]);
    expect(keysFor("film.point", off)).toEqual([" "]);
    expect(keysFor("everywhere.search", off)).toEqual(["Mod+k"]);
    expect(keysFor("film.fit", { keys: { "film.fit": ["F2"] }, singleKeys: false })).toEqual([
      "F2",
    ]);
  });

  it("collide with what is meant at the same place, and with nothing else", () => {
    expect(collisionsOf("case.ask", "b", USUAL)).toEqual(["film.box"]);
    // In the list the film is not on screen, and a verdict comes after the answer.
    expect(collisionsOf("list.claim", "b", USUAL)).toEqual([]);
    expect(collisionsOf("verdict.confirm", "a", USUAL)).toEqual([]);
    expect(collisionsOf("everywhere.keys", "b", USUAL)).toEqual(["film.box"]);
    expect(collisionsOf("case.ask", "g", USUAL)).toEqual([]);
    // Shift and x chooses all rows between.
    expect(collisionsOf("list.claim", "Shift+x", USUAL)).toEqual(["list.choose"]);
    expect(collisionsOf("list.choose", "c", mine)).toEqual(["list.claim"]);
    // What was given up is free, also while single keys are off.
    expect(collisionsOf("film.box", "g", mine)).toEqual([]);
    const off = { ...mine, singleKeys: false };
    expect(collisionsOf("film.box", "y", off)).toEqual(["case.why"]);
  });
});

describe("a key that is recorded", () => {
  it("is a character as it is typed, or an F-key that is free", () => {
    expect(pressed("q")).toBe("q");
    expect(pressed("Q")).toBe("q");
    expect(pressed("Q", { shiftKey: true })).toBe("Shift+q");
    expect(pressed("?", { shiftKey: true })).toBe("?");
    expect(pressed("ö")).toBe("ö");
    expect(pressed("F2")).toBe("F2");
  });

  it("is none of those that the browser or the page needs", () => {
    for (const key of ["Enter", " ", "ArrowUp", "F5", "F12", "Home", "Dead", "Delete"]) {
      expect(pressed(key)).toBeNull();
    }
    expect(pressed("s", { ctrlKey: true })).toBeNull();
    expect(pressed("s", { metaKey: true })).toBeNull();
    expect(pressed("s", { altKey: true })).toBeNull();
  });
});

function Bound({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  useShortcuts("Here", shortcuts);
  return (
    <p>
      <Kbd id="film.box" />
      <Kbd id="film.ellipse" />
    </p>
  );
}

describe("what is bound", () => {
  const bind = (keymap: Keymap, shortcuts: readonly Shortcut[]) =>
    render(
      <ShortcutProvider>
        <KeymapProvider keymap={keymap}>
          <Bound shortcuts={shortcuts} />
        </KeymapProvider>
      </ShortcutProvider>,
    );

  it("works by the person's keys, and its hints show those", () => {
    const box = vi.fn();
    const shown = bind({ keys: { "film.box": ["Shift+ö"] }, singleKeys: true }, [
      { id: "film.box", run: box },
    ]);
    expect(shown.container.textContent).toBe("Shift ÖShift E");
    fireEvent.keyDown(document.body, { key: "b" });
    expect(box).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: "Ö", shiftKey: true });
    expect(box).toHaveBeenCalledTimes(1);
  });

  it("does nothing by a character once those are off, not even by one set elsewhere", () => {
    const run = vi.fn();
    bind({ keys: {}, singleKeys: false }, [
      { id: "film.box", run },
      { id: "list.next", run },
      { keys: "1", label: "A reason", run },
    ]);
    for (const key of ["b", "j", "1"]) fireEvent.keyDown(document.body, { key });
    expect(run).not.toHaveBeenCalled();
    expect(screen.queryByText("B")).toBeNull();
    fireEvent.keyDown(document.body, { key: "ArrowDown" });
    expect(run).toHaveBeenCalledTimes(1);
  });
});
