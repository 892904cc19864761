import { describe, expect, it } from "vitest";

import { marksWords, nextOpen } from "./words";

describe("words", () => {
  it("tell what became of the marks", () => {
    const region = { row: 0, column: 0, height: 1, width: 1, frame: 0, found: true };
    expect(marksWords({ regions: [region], stray_marks: 0 })).toBe(
      "You marked the altered part.",
    );
    expect(marksWords({ regions: [], stray_marks: 0 })).toBeNull();
    expect(marksWords({ regions: [], stray_marks: 2 })).toMatch(/No part of this film/);
    expect(marksWords({ regions: [region, { ...region, found: false }], stray_marks: 2 })).toBe(
      "You marked 1 of 2 altered parts; all are outlined on the film. 2 of your marks lie elsewhere.",
    );
  });

  it("find the next open film, after this one first", () => {
    const places = (...done: boolean[]) => ({
      id: "p-1",
      started_at: "2026-11-23T07:00:00Z",
      ended_at: null,
      films: done.map((is_answered, i) => ({
        id: `f-${i}`,
        is_answered,
        is_right: is_answered ? true : null,
        is_withdrawn: false,
      })),
    });
    expect(nextOpen(places(false, true, false), "f-1")).toBe("f-2");
    expect(nextOpen(places(false, true, true), "f-1")).toBe("f-0");
    expect(nextOpen(places(true, false, true), "f-1")).toBeNull();
    const some = places(true, false, false, false);
    const first = some.films.map((one, i) => ({ ...one, is_withdrawn: i === 2 }));
    expect(nextOpen({ ...some, films: first }, "f-1")).toBe("f-3");
  });
});
