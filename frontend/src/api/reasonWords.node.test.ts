// @vitest-environment node
import { readFileSync } from "node:fs";

import { i18n } from "@lingui/core";
import { expect, it } from "vitest";

import { messages as german } from "../locales/de.po";

import { inReadersWords, reasonLabel } from "./reasonWords";

const SOURCE = readFileSync("../apps/reading/reason_codes.py", "utf-8");
const SEEDS = [...SOURCE.matchAll(/SeedCode\("(\w+)", "([^"]+)"/g)].map(
  ([, code = "", label = ""]) => ({ code, label, version: 1 }),
);

it("knows the English of every seeded reason as the server has it", () => {
  expect(SEEDS).toHaveLength(23);
  // A language without words of its own shows those of the source.
  i18n.load("xx", {});
  i18n.activate("xx");
  const unworded = SEEDS.map((seed) => ({ ...seed, label: "?" }));
  expect(inReadersWords(unworded)).toEqual(SEEDS);
});

it("leaves the server's words alone in English", () => {
  i18n.load("en", {});
  i18n.activate("en");
  expect(reasonLabel({ code: "slip", label: "As it was called", version: 1 })).toBe(
    "As it was called",
  );
});

it("has German for each, and leaves what a department has written alone", () => {
  i18n.load("de", german);
  i18n.activate("de");
  for (const seed of SEEDS) expect(reasonLabel(seed)).not.toBe(seed.label);
  expect(reasonLabel({ code: "slip", label: "Own slip", version: 2 })).toBe("Own slip");
  expect(reasonLabel({ code: "our_code", label: "Ours", version: 1 })).toBe("Ours");
});
