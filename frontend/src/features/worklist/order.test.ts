import { describe, expect, it } from "vitest";

import { DEFAULT_FILTERS, directionOf, isFiltered, nextSort, toQuery } from "./filters";

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
