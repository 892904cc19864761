/** Readers, reasons and answers, as the tests of rulings and reasons need them. */
import type { Me, ReadOut, ReasonCode, VerdictOut } from "@/api/types";

export const LEAD: Me = {
  id: "u-l",
  username: "lena",
  display_name: "Lena",
  role: "lead",
  site: { id: "s-1", name: "North" },
  permissions: ["read_cases", "adjudicate"],
  worklists: [],
  columns: {},
  keys: {},
  single_keys: true,
  opens_staff_pages: false,
};
export const READER: Me = { ...LEAD, role: "radiologist", permissions: ["read_cases"] };
export const CODES: ReasonCode[] = [
  {
    code: "uniform_grain",
    label: "Uniform grain",
    group: "against",
    hotkey: "2",
    active: true,
    version: 1,
  },
  {
    code: "old_reason",
    label: "An old reason",
    group: "against",
    hotkey: "",
    active: false,
    version: 3,
  },
];

export const read = (name: string, answer: ReadOut["answer"]): ReadOut => ({
  id: `r-${name}`,
  answer,
  confidence: 4,
  reason_codes: [],
  reason_words: [],
  regions: [],
  note: `${name} looked at the grain`,
  mode: "blind_first",
  kind: "first",
  policy_version: 1,
  sealed_at: "2026-11-23T08:00:00Z",
  seal_sha256: "a".repeat(64),
  log_position: 4,
  reader: { id: name, display_name: name },
});
export const verdict = (name: string, outcome: VerdictOut["outcome"]): VerdictOut => ({
  id: `v-${name}`,
  decision: outcome === "suspicious" ? "confirm" : "overrule",
  outcome,
  reason_codes: ["uniform_grain"],
  reason_words: [{ code: "uniform_grain", label: "Grain, as it was called", version: 1 }],
  regions: [],
  note: "",
  changed_mind_code: null,
  filed_at: "2026-11-23T08:01:00Z",
  log_position: 5,
  reader: { id: name, display_name: name },
  flagged: true,
  replaces: null,
  amend_reason: "",
});
