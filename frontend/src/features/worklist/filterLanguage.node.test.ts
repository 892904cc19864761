// @vitest-environment node
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { parseFilter, splitPrivate, withoutTerm } from "./filterLanguage";

interface Examples {
  accepted: { text: string; opinion?: boolean; terms: unknown[] }[];
  refused: { text: string; opinion?: boolean; position: number; message: string }[];
}

// The table that the server's parser is tested on too.
const EXAMPLES = JSON.parse(
  readFileSync("../tests/vectors/worklist_filters.json", "utf-8"),
) as Examples;

describe("the filter language", () => {
  it.each(EXAMPLES.accepted)("reads $text", ({ text, opinion, terms }) => {
    const parsed = parseFilter(text, opinion === true);
    expect(parsed.fault).toBeNull();
    expect(
      parsed.terms.map((t) => [t.field, t.operator, t.values, t.isNegated, t.start, t.end]),
    ).toEqual(terms);
  });

  it.each(EXAMPLES.refused)("refuses $text", ({ text, opinion, position, message }) => {
    expect(parseFilter(text, opinion === true).fault).toEqual({ message, position });
  });

  it("has a longest length and a largest number of parts", () => {
    expect(parseFilter("x".repeat(501), true).fault?.message).toMatch("too long");
    expect(parseFilter("x ".repeat(21), true).fault?.message).toMatch("at most 20");
    expect(parseFilter("x ".repeat(20), true).fault).toBeNull();
  });
});

describe("what an address may hold", () => {
  it("is everything but names and free words", () => {
    const text = 'modality:DX patient:anna age<2d "lower leg" -with:nobody';
    expect(splitPrivate(text)).toEqual({
      open: "modality:DX age<2d -with:nobody",
      hidden: 'patient:anna "lower leg"',
    });
  });

  it("is nothing of a filter that cannot be read", () => {
    expect(splitPrivate('modality:DX "Anna')).toEqual({
      open: "",
      hidden: 'modality:DX "Anna',
    });
  });
});

it("a term can be taken out", () => {
  const text = "modality:DX  age<2d chest";
  const [, age] = parseFilter(text, false).terms;
  expect(age === undefined ? "" : withoutTerm(text, age)).toBe("modality:DX chest");
});
