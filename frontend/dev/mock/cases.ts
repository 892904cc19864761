/** Sixty invented cases over two worklists, with the evidence behind each. */
import type {
  CaseDetail,
  CaseEvidence,
  LaneEvidence,
  LaneName,
  Person,
  WorklistOut,
} from "../../src/api/types";
import { pick, seeded } from "./random.ts";

export const ME: Person = { id: "u-1", display_name: "Ada Reader" };
const SECOND: Person = { id: "u-2", display_name: "Ravi Second" };

export const WORKLISTS: WorklistOut[] = [
  {
    id: "w-1",
    slug: "blind",
    name: "Blind reading",
    mode: "blind_first",
    open_count: 0,
    audits_others: false,
  },
  {
    id: "w-2",
    slug: "triage",
    name: "Triage desk",
    mode: "triage",
    open_count: 0,
    audits_others: false,
  },
];

const NAMES =
  "Anna Ben Cleo Dario Edith Farid Greta Hugo Ines Jonas Kira Leo Mona Nils Olga Pavel Quinn Rosa Sven Tara".split(
    " ",
  );
const STUDIES = [
  ["DX", "Chest PA"],
  ["DX", "Chest PA and lateral"],
  ["CR", "Lower leg left, two views"],
  ["CR", "Hand right, dorsopalmar"],
  ["DX", "Knee right AP"],
  ["MG", "Mammography screening, 4 views"],
  ["CT", "Head without contrast"],
  ["DX", "Lumbar spine lateral"],
  ["OT", "Claim photograph of film"],
] as const;
const MAKERS = ["Philips", "Siemens Healthineers", "Fujifilm", "Carestream", "Agfa", ""];
export const LANES: LaneName[] = [
  "container",
  "provenance",
  "metadata",
  "reuse",
  "synthesis",
  "tamper",
];

const CLEAR_REASON: Record<LaneName, string> = {
  container: "The file is built as its format says; no generator traces.",
  provenance: "First received 22 Nov 18:52 (entry 412); nothing is signed.",
  metadata: "Twelve rules checked; header and pixels agree.",
  reuse: "No match among 41,208 films.",
  synthesis: "No generator fingerprint above the threshold.",
  tamper: "Local noise is consistent across the film.",
};
const FINDING_REASON: Record<LaneName, string> = {
  container: "PNG 1024 x 1536 with colour present in a grey film.",
  provenance: "C2PA manifest declares the image AI-generated; its bytes are intact.",
  metadata: "Imager pixel spacing x matrix gives a 61 cm detector; this model has 43 cm.",
  reuse: "Same film as one received 12 Mar under another patient, flipped and re-windowed.",
  synthesis: "Periodic upsampling peaks at 1/8 of the sampling frequency in 41 of 56 tiles.",
  tamper: "A 212 x 180 px region has noise unlike its surroundings.",
};
const MODEL_SHA = "9f2c4e1ab07d5538c1c0b8f9de41f2d5a17740be62a9be1b3c8e2f7f13d0a946";

export interface MockCase {
  detail: CaseDetail;
  evidence: CaseEvidence;
}

function makeLane(lane: LaneName, random: () => number, guilty: boolean): LaneEvidence {
  const learned = lane === "synthesis" || lane === "tamper";
  const assessable = guilty || !(lane === "metadata" && random() < 0.3);
  const status = guilty ? "finding" : assessable ? "clear" : "not_assessable";
  const suspicion = learned ? (guilty ? 0.86 + random() * 0.13 : random() * 0.2) : null;
  return {
    lane,
    version: learned ? "1.3.0" : "0.4.1",
    status,
    reason: guilty
      ? FINDING_REASON[lane]
      : assessable
        ? CLEAR_REASON[lane]
        : "Not assessable: no DICOM header.",
    suspicion,
    findings: guilty
      ? [
          {
            code: `${lane}.${learned ? "residual" : "rule_7"}`,
            text: FINDING_REASON[lane],
            weight: lane === "provenance" ? 1 : 0.7,
            source:
              lane === "metadata" ? "DICOM PS3.3 C.8.11.1" : "docs/lanes.md, experiment 4",
            region:
              lane === "tamper" ? { row: 620, column: 1180, height: 180, width: 212 } : null,
            detail: { tiles: 56, over_threshold: 41 },
          },
        ]
      : [],
    has_heatmap: learned && status !== "not_assessable",
    has_reliability: learned,
    model_sha256: learned ? MODEL_SHA : null,
    seconds: learned ? 1.8 : 0.04,
  };
}

function makeEvidence(detail: CaseDetail, random: () => number): CaseEvidence {
  const guilty = random() < 0.38 ? pick(random, LANES) : null;
  const suspicion = guilty === null ? 0.02 + random() * 0.22 : 0.78 + random() * 0.21;
  const reason = guilty === null ? "No lane found anything." : FINDING_REASON[guilty];
  const shared = { suspicion, flagged: guilty !== null, reason };
  return {
    ...shared,
    threshold: 0.62,
    flag_values: [],
    opinion_sha256: "0".repeat(64),
    overruled_of_last: { flags: 50, overruled: 6 },
    images: detail.images.map((image, index) => ({
      ...shared,
      image_id: image.id,
      override: guilty === "provenance" ? "provenance.c2pa_declares_ai" : null,
      top_lane: guilty,
      lanes: LANES.map((lane) => makeLane(lane, random, lane === guilty && index === 0)),
    })),
  };
}

function makeCase(index: number, random: () => number, now: number): MockCase {
  const worklist = index % 5 < 3 ? WORKLISTS[0]! : WORKLISTS[1]!;
  const [modality, description] = pick(random, STUDIES);
  const analysing = index < 4;
  const state = analysing ? "analysing" : index % 11 === 5 ? "in_read" : "ready";
  const viewCount = description.includes("two") || description.includes("lateral") ? 2 : 1;
  const total = viewCount * 6;
  const frames = modality === "CT" ? 24 : 1;
  const detail: CaseDetail = {
    id: `c-${String(index + 1).padStart(3, "0")}`,
    version: 1,
    received_at: new Date(now - (index * 7 + random() * 5) * 60_000).toISOString(),
    patient: {
      name: `DEMO^${NAMES[index % NAMES.length]}${index >= 20 ? ` ${"ABC"[Math.floor(index / 20) - 1]}.` : ""}`,
      patient_id: `DEMO-${1000 + index}`,
      age_years: index === 7 ? null : 18 + Math.floor(random() * 70),
      sex: pick(random, ["F", "M", "F", "M", "O"]),
    },
    modality,
    description,
    accession_number: `A${240000 + index * 17}`,
    view_count: frames > 1 ? frames : viewCount,
    state,
    progress: { done: analysing ? Math.floor(random() * total) : total, total },
    claimed_by: state === "in_read" ? (index % 2 ? SECOND : ME) : null,
    claim_expires_at: state === "in_read" ? new Date(now + 25 * 60_000).toISOString() : null,
    read_phase: "unread",
    priority: index % 13 === 6 ? "urgent" : "routine",
    due_at: new Date(
      now - index * 7 * 60_000 + (index % 13 === 6 ? 2 : 24) * 3_600_000,
    ).toISOString(),
    worklist: {
      id: worklist.id,
      slug: worklist.slug,
      name: worklist.name,
      mode: worklist.mode,
    },
    study_date: new Date(now - index * 9 * 3_600_000).toISOString().slice(0, 10),
    manufacturer: pick(random, MAKERS),
    images: Array.from({ length: viewCount }, (_, view) => ({
      id: `i-${index + 1}-${view + 1}`,
      series_id: `s-${index + 1}-${view + 1}`,
      rows: 1700,
      columns: 2000,
      frame_count: frames,
      format: modality === "OT" ? "png" : "dicom",
      view: view === 0 ? "PA" : "LL",
      laterality: description.includes("left") ? "L" : description.includes("right") ? "R" : "",
      file_name:
        modality === "OT" ? `photo-${index}.png` : `IM${String(index).padStart(4, "0")}`,
    })),
    first_read: null,
    verdict: null,
    closed: null,
    has_seen_answers: false,
  };
  return { detail, evidence: makeEvidence(detail, random) };
}

export function makeCases(count = 60): Map<string, MockCase> {
  const random = seeded(20261122);
  const now = Date.now();
  const cases = new Map<string, MockCase>();
  for (let index = 0; index < count; index += 1) {
    const made = makeCase(index, random, now);
    cases.set(made.detail.id, made);
  }
  return cases;
}
