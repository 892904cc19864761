import { describe, expect, it } from "vitest";

import { sentenceOf } from "./words";

const CASE = "3f381ad3-9022-4f09-8898-3e234ff8341f";
const ITEM = "item:31ee6fd4-9107-4f73-92df-a23ebfd5cfd5";
const ADA = { id: "u-1", display_name: "Ada Reader" };

describe("an entry of the log", () => {
  it.each([
    ["read_sealed", ADA, CASE, "", "Ada Reader sealed a first answer for case 3f381ad3"],
    ["run_finished", null, CASE, "run:2a04", "Truefilm analysed a film of case 3f381ad3"],
    ["file_quarantined", null, null, ITEM, "Truefilm put file 31ee6fd4 into quarantine"],
    ["sign_in_failed", null, null, "", "Somebody failed to sign in"],
    ["model_promoted", ADA, null, "", "Ada Reader model promoted"],
  ])("%s is said in words", (kind, actor, case_id, subject, words) => {
    expect(sentenceOf({ kind, label: "Model promoted", actor, case_id, subject })).toBe(words);
  });
});
