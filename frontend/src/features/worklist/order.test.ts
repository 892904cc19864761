import { describe, expect, it } from "vitest";

import type { CaseRow } from "@/api/types";

import { DEFAULT_FILTERS, directionOf, isFiltered, nextSort, toQuery } from "./filters";
import { adoptRows, mergeRows } from "./rowOrder";

const row = (id: string, state: CaseRow["state"] = "ready") => ({ id, state }) as CaseRow;
const rows = (...ids: string[]) => ids.map((id) => row(id));

describe("rows on screen", () => {
  const held = adoptRows("v", [rows("a", "b", "c")]);

  it("change in place when the server orders them anew", () => {
    const merged = mergeRows(held, "v", [[row("c"), row("a", "in_read"), row("b")]]);
    expect(merged.order).toEqual(["a", "b", "c"]);
    expect(merged.rows.get("a")?.state).toBe("in_read");
  });

  it("do not move for a new case, which waits behind the chip", () => {
    const merged = mergeRows(held, "v", [rows("x", "a", "b", "c")]);
    expect(merged.order).toEqual(["a", "b", "c"]);
    expect(merged.waiting).toEqual(["x"]);
    expect(adoptRows("v", [rows("x", "a", "b", "c")]).order).toEqual(["x", "a", "b", "c"]);
  });

  it("stay, marked, when their case leaves the list", () => {
    const merged = mergeRows(held, "v", [rows("a", "c")]);
    expect(merged.order).toEqual(["a", "b", "c"]);
    expect([...merged.gone]).toEqual(["b"]);
    expect(mergeRows(merged, "v", [rows("a", "b", "c")]).gone.size).toBe(0);
  });

  it("go on with the next page when the reader scrolls", () => {
    const merged = mergeRows(held, "v", [rows("a", "b", "c"), rows("d", "e")]);
    expect(merged.order).toEqual(["a", "b", "c", "d", "e"]);
    expect(merged.waiting).toEqual([]);
  });

  it("start afresh with other filters, and fill an empty list at once", () => {
    expect(mergeRows(held, "other", [rows("z")]).order).toEqual(["z"]);
    expect(mergeRows(adoptRows("v", [[]]), "v", [rows("a")]).order).toEqual(["a"]);
  });
});

describe("sorting", () => {
  it("goes through a column's directions and back to the worklist's own order", () => {
    expect(nextSort("", "received", "blind_first")).toBe("-received");
    expect(nextSort("-received", "received", "blind_first")).toBe("received");
    expect(nextSort("received", "received", "blind_first")).toBe("");
    expect(nextSort("", "suspicion", "triage")).toBe("suspicion");
    expect(nextSort("suspicion", "suspicion", "triage")).toBe("");
  });

  it("never asks a blind list for the order of suspicion, whatever the address says", () => {
    const query = toQuery({ ...DEFAULT_FILTERS, sort: "-suspicion" }, "blind_first");
    expect(query["sort"]).toBe("shuffled");
  });

  it("tells the direction of the column in force and of no other", () => {
    expect(directionOf("", "suspicion", "triage")).toBe("descending");
    expect(directionOf("", "received", "triage")).toBeNull();
    expect(directionOf("patient", "patient", "blind_first")).toBe("ascending");
  });

  it("is no filter", () => {
    expect(isFiltered({ ...DEFAULT_FILTERS, sort: "patient" })).toBe(false);
    expect(isFiltered({ ...DEFAULT_FILTERS, mine: "true" })).toBe(true);
  });
});
