/** What a server would answer to the main pages; its own words are marked, as those of the catalogue. */

import { DEVICE_ANSWERS } from "./testDevices";
import { AT, marked, PERSON, HASH } from "./testMarks";

export { AT, marked };

const SHARE = { value: 0.5, low: 0.25, high: 0.75, n: 4 };

const CASE = {
  id: "c-1",
  version: 1,
  received_at: AT,
  patient: { name: marked("Anna"), patient_id: "1", age_years: 54, sex: "F" },
  modality: "DX",
  description: marked("Chest"),
  accession_number: "1",
  view_count: 2,
  state: "ready",
  progress: { done: 3, total: 6 },
  claimed_by: PERSON,
  claim_expires_at: AT,
  read_phase: "unread",
  priority: "urgent",
  due_at: "2020-01-01T00:00:00Z",
};
const FLAGGED = {
  ...CASE,
  id: "c-2",
  priority: "stat",
  state: "analysing",
  claimed_by: null,
  due_at: "2090-01-01T00:00:00Z",
  triage: { suspicion: 0.97, flagged: true, top_lane: "synthesis", reason: marked("grain") },
};

const NAMED = {
  id: "c-3",
  worklist: "desk",
  patient_name: marked("Anna"),
  modality: "DX",
  description: marked("Chest"),
};
const ASKED = { id: "r-1", asker: PERSON, case: NAMED, asked_at: AT };

function told(kind: string, count: number) {
  return {
    id: `n-${kind}-${count}`,
    kind,
    actor: PERSON,
    case: kind.startsWith("upload") ? null : NAMED,
    upload_id: null,
    count,
    quarantined: 1,
    told_at: AT,
    is_read: false,
  };
}

export const ANSWERS: Record<string, unknown> = {
  me: {
    id: "u-1",
    username: marked("ada"),
    display_name: marked("Ada"),
    role: "lead",
    site: { id: "s-1", name: marked("North") },
    permissions: [
      "read_cases",
      "adjudicate",
      "upload",
      "view_quarantine",
      "view_audit",
      "view_insights",
      "export_labels",
      "view_models",
      "administer",
      "assign_cases",
      "share_views",
      "export_cases",
      "view_devices",
      "manage_devices",
    ],
    opens_staff_pages: true,
    worklists: [
      {
        id: "w-1",
        slug: "blind",
        name: marked("Blind"),
        mode: "blind_first",
        open_count: 2,
        audits_others: false,
      },
      {
        id: "w-2",
        slug: "desk",
        name: marked("Desk"),
        mode: "triage",
        open_count: 2,
        audits_others: false,
      },
    ],
    columns: {},
    keys: {},
    single_keys: true,
  },
  "blind/cases": {
    items: [CASE],
    next_cursor: null,
    total: 1,
    is_total_exact: true,
  },
  "desk/cases": {
    items: [FLAGGED],
    next_cursor: null,
    total: 1000,
    is_total_exact: false,
  },
  views: [],
  people: [PERSON],
  queues: { mine: 1, unclaimed: 1001, second_reads: 3, asked: 5, adjudication: 4 },
  uploads: {
    items: [
      {
        id: "b-1",
        worklist: "blind",
        claim_reference: "1",
        created_at: AT,
        created_by: null,
        source: marked("watch"),
        state: "settled",
        counts: { stored: 1, duplicate: 0, quarantined: 1 },
        total: 2,
      },
    ],
    next_cursor: null,
  },
  quarantine: {
    items: [
      {
        id: "q-1",
        file_name: "1",
        size_bytes: 12_345,
        code: "truncated",
        reason: "The file is cut off: it ends inside its pixel data.",
        received_at: AT,
        sha256: HASH,
        source: marked("watch"),
      },
    ],
    next_cursor: null,
  },
  "audit/kinds": [{ kind: "read_sealed", label: "Read sealed" }],
  "audit/events": {
    items: ["read_sealed", "sign_in_failed", "case_assigned"].map((kind, position) => ({
      position,
      kind,
      label: "Label of the server",
      actor: kind === "sign_in_failed" ? null : PERSON,
      case_id: kind === "sign_in_failed" ? null : "00000000",
      occurred_at: AT,
      leaf_hash: HASH,
      subject: "00000000",
      text: "",
    })),
    next_cursor: null,
    root_hash: HASH,
    tree_size: 3,
  },
  labels: {
    items: [
      {
        label_id: "l-1",
        case_id: "c-1",
        filed_at: AT,
        outcome: "suspicious",
        is_demo: true,
        first_answer: "cannot_tell",
        confidence: 3,
        decision: "overrule",
        reason_codes: [marked("grain")],
        flagged: true,
        suspicion: 0.97,
        mode: "blind_first",
        reader: marked("Ada"),
        image_sha256: HASH,
        pipeline_version: "1",
      },
    ],
    next_cursor: null,
    total: 1,
  },
  "insights/summary": {
    open_cases: 2,
    oldest_open_minutes: 125,
    verdicts: 4,
    flags_decided: 4,
    flags_overruled: 2,
    overrule_rate: SHARE,
    agreement: SHARE,
    lanes: [{ lane: "tamper", runs: 4, findings: 2, not_assessable: 1, median_seconds: 1.5 }],
    switches: { suspicious_to_authentic: 1, authentic_to_suspicious: 0 },
  },
  "me/reading": {
    reads: 4,
    blind_reads: 4,
    verdicts: 4,
    seconds_to_seal: 41,
    seconds_to_verdict: 119,
    against_truth: {
      first_right: SHARE,
      final_right: SHARE,
      right_to_wrong: { value: null, low: null, high: null, n: 0 },
      wrong_to_right: SHARE,
    },
    canaries: {
      figures: {
        first_missed: SHARE,
        final_missed: { value: null, low: null, high: null, n: 0 },
        first_alarms: SHARE,
        final_alarms: SHARE,
      },
      newest: [
        {
          case_id: "00000000",
          filed_at: AT,
          truth: "altered",
          first_answer: "authentic",
          outcome: "inconclusive",
          is_blind: false,
        },
        {
          case_id: "00000001",
          filed_at: AT,
          truth: "authentic",
          first_answer: "cannot_tell",
          outcome: "suspicious",
          is_blind: true,
        },
      ],
    },
  },
  "insights/canaries": [
    {
      slug: "blind",
      name: marked("Blind"),
      share: 0.02,
      in_stock: 4,
      dropped: 1,
      results: 10,
      figures: {
        first_missed: SHARE,
        final_missed: { value: null, low: null, high: null, n: 0 },
        first_alarms: SHARE,
        final_alarms: SHARE,
      },
    },
  ],
  "questions/asked": { items: [ASKED], next_cursor: null },
  practice: {
    films: 8,
    ended_sessions: 1,
    session: {
      id: "p-1",
      started_at: AT,
      ended_at: null,
      films: [
        { id: "f-1", is_answered: true, is_right: true, is_withdrawn: false },
        { id: "f-2", is_answered: false, is_right: null, is_withdrawn: false },
      ],
    },
  },
  "practice/progress": {
    films: 4,
    answers: 5,
    cannot_tell: 1,
    sensitivity: SHARE,
    specificity: { value: null, low: null, high: null, n: 0 },
    calibration: [1, 3, 5].map((confidence) => ({ confidence, right: SHARE })),
    kinds: [
      "untouched",
      "reprocessed",
      "whole_film",
      "region_generated",
      "region_copied",
      "region_spliced",
      "region_removed",
    ].map((kind) => ({ kind, truth: "altered", right: SHARE })),
    sessions: [{ session_id: "p-1", started_at: AT, answers: 5, new_films: 4, right: SHARE }],
  },
  notifications: {
    items: [
      told("assigned", 1),
      told("assigned", 3),
      told("asked", 1),
      told("replied", 1),
      told("upload_finished", 2),
      told("upload_quarantined", 2),
      { ...told("replied", 1), id: "n-read", actor: null, is_read: true },
    ],
    unread: 6,
    next_cursor: null,
  },
  models: [
    {
      name: "synthesis",
      version: "1",
      stage: "active",
      sha256: HASH,
      trained_at: AT,
      licence: "",
      metrics: { auc: 0.9, leak_probe_auc: 0.5 },
      card: {},
    },
  ],
  ...DEVICE_ANSWERS,
};
