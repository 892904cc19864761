/** What the tests of the worklist show: a reader, two worklists, rows. */
import type { CaseRow, Me } from "@/api/types";

export const ME: Me = {
  id: "u-1",
  username: "ada",
  display_name: "Ada Reader",
  role: "radiologist",
  site: { id: "s-1", name: "North Clinic" },
  permissions: ["read_cases", "upload"],
  opens_staff_pages: false,
  worklists: [
    {
      id: "w-1",
      slug: "blind",
      name: "Blind reading",
      mode: "blind_first",
      open_count: 2,
      audits_others: false,
    },
    {
      id: "w-2",
      slug: "triage",
      name: "Triage desk",
      mode: "triage",
      open_count: 2,
      audits_others: false,
    },
  ],
  columns: {},
  keys: {},
  single_keys: true,
};

export function makeRow(id: string, name: string, changes: Partial<CaseRow> = {}): CaseRow {
  return {
    id,
    version: 1,
    received_at: new Date().toISOString(),
    patient: { name, patient_id: id, age_years: 54, sex: "F" },
    modality: "DX",
    description: "Chest PA",
    accession_number: "A1",
    view_count: 1,
    state: "ready",
    progress: { done: 6, total: 6 },
    claimed_by: null,
    claim_expires_at: null,
    read_phase: "unread",
    priority: "routine",
    due_at: new Date(Date.now() + 86_400_000).toISOString(),
    ...changes,
  };
}

export const STANDING = {
  holder_id: null,
  claim_expires_at: null,
  priority: "routine",
  version: 1,
};
