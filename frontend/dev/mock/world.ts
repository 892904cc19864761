/** Everything the mock remembers, and the events it sends while it runs. */
import { createHash } from "node:crypto";

import type {
  CaseRow,
  LabelOut,
  ModelOut,
  QuarantineItem,
  ReasonCode,
  Triage,
  UploadItem,
  UploadOut,
} from "../../src/api/types";
import type { News } from "../../src/api/ws";
import { LANES, makeCases, ME, type MockCase, WORKLISTS } from "./cases.ts";
import { MockLog } from "./log.ts";

const REASONS: Pick<ReasonCode, "code" | "label" | "group">[] = [
  { code: "bilateral_symmetry", label: "Bilateral symmetry", group: "against" },
  { code: "uniform_grain", label: "Uniform grain", group: "against" },
  { code: "soft_tissue_texture", label: "Unnatural soft-tissue texture", group: "against" },
  { code: "smooth_bone", label: "Over-smooth bone or cortex", group: "against" },
  { code: "straight_spine", label: "Too-straight spine", group: "against" },
  { code: "clean_fracture", label: "Too-clean fracture", group: "against" },
  { code: "implausible_hardware", label: "Implausible hardware or text", group: "against" },
  { code: "regular_vessels", label: "Vessel pattern too regular", group: "against" },
  { code: "natural_noise", label: "Natural noise", group: "for" },
  { code: "anatomical_variation", label: "Anatomical variation", group: "for" },
  { code: "known_patient", label: "Known patient", group: "for" },
  { code: "acquisition_artefact", label: "Acquisition artefact", group: "for" },
  { code: "processing_artefact", label: "Processing artefact explains it", group: "for" },
  {
    code: "heatmap_convinced",
    label: "The map showed what I had missed",
    group: "changed_mind",
  },
  { code: "hard_evidence", label: "Hard evidence outside the pixels", group: "changed_mind" },
  { code: "second_look", label: "A second look at the film", group: "changed_mind" },
];

export const REASON_CODES: ReasonCode[] = REASONS.map((reason, at) => ({
  ...reason,
  hotkey: at < 9 ? String(at + 1) : "",
  active: true,
  version: 1,
}));

export const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

export class World {
  readonly cases = makeCases();
  readonly log = new MockLog();
  readonly uploads = new Map<string, UploadOut>();
  readonly items = new Map<string, UploadItem[]>();
  readonly quarantine: QuarantineItem[] = [];
  readonly labels: LabelOut[] = [];
  send: (news: News) => void = () => undefined;

  constructor() {
    this.#writeHistory();
    setInterval(() => this.#tick(), 1500).unref();
  }

  /** The row as a reader may see it: no triage on a blind worklist before the seal. */
  row(made: MockCase): CaseRow {
    const { detail, evidence } = made;
    const { worklist, study_date, manufacturer, images, first_read, verdict, ...row } = detail;
    void [study_date, manufacturer, images, first_read, verdict];
    const open = worklist.mode === "triage" || detail.read_phase !== "unread";
    if (!open || detail.state === "analysing") return row;
    const triage: Triage = {
      suspicion: evidence.suspicion,
      flagged: evidence.flagged,
      top_lane: evidence.images[0]?.top_lane ?? null,
      reason: evidence.reason,
    };
    return { ...row, triage };
  }

  worklists() {
    return WORKLISTS.map((worklist) => ({
      ...worklist,
      open_count: [...this.cases.values()].filter(
        ({ detail }) => detail.worklist.slug === worklist.slug && detail.state !== "done",
      ).length,
    }));
  }

  touch(made: MockCase): void {
    made.detail.version += 1;
    const { id, version, worklist } = made.detail;
    this.send({ kind: "case.changed", id, version, worklist: worklist.slug });
  }

  #tick(): void {
    for (const made of this.cases.values()) {
      const { detail } = made;
      if (detail.state !== "analysing" || Math.random() < 0.4) continue;
      const { progress } = detail;
      progress.done += 1;
      detail.version += 1;
      if (progress.done >= progress.total) {
        progress.done = progress.total;
        detail.state = "ready";
        this.touch(made);
      } else {
        this.send({
          kind: "case.progress",
          id: detail.id,
          version: detail.version,
          worklist: detail.worklist.slug,
          ...progress,
        });
      }
    }
  }

  /** A new case for an uploaded film, analysed before the reader's eyes. */
  addCase(worklistSlug: string, fileName: string): string {
    const template = [...this.cases.values()][8]!;
    const id = `c-${String(this.cases.size + 1).padStart(3, "0")}`;
    const worklist = WORKLISTS.find(({ slug }) => slug === worklistSlug) ?? WORKLISTS[0]!;
    const detail = structuredClone(template.detail);
    Object.assign(detail, {
      id,
      received_at: new Date().toISOString(),
      state: "analysing",
      progress: { done: 0, total: 6 },
      accession_number: "",
      description: fileName.slice(0, 40),
      claimed_by: null,
      worklist: {
        id: worklist.id,
        slug: worklist.slug,
        name: worklist.name,
        mode: worklist.mode,
      },
    });
    const made = { detail, evidence: template.evidence };
    this.cases.set(id, made);
    this.touch(made);
    return id;
  }

  label(made: MockCase): LabelOut {
    const { detail, evidence } = made;
    return {
      label_id: `l-${this.labels.length + 1}`,
      case_id: detail.id,
      image_sha256: sha(detail.id),
      pixel_sha256: sha(`${detail.id}px`),
      outcome: detail.verdict?.outcome ?? "inconclusive",
      decision: detail.verdict?.decision ?? "inconclusive",
      first_answer: detail.first_read?.answer ?? "cannot_tell",
      confidence: detail.first_read?.confidence ?? 3,
      changed_mind_code: detail.verdict?.changed_mind_code ?? "",
      log_position: detail.verdict?.log_position ?? 0,
      mode: detail.worklist.mode,
      reason_codes: detail.verdict?.reason_codes ?? [],
      regions: "[]",
      films_in_case: detail.images.length,
      reader: ME.id,
      sealed_at: detail.first_read?.sealed_at ?? new Date().toISOString(),
      filed_at: detail.verdict?.filed_at ?? new Date().toISOString(),
      flagged: evidence.flagged,
      suspicion: evidence.suspicion,
      pipeline_version: "2026.11.1",
      model_sha256s: [sha("synthesis"), sha("tamper")],
      read_kind: "first",
      policy_version: 1,
      replaces: "",
      case_outcome: detail.closed?.outcome ?? "inconclusive",
      case_outcome_by: detail.closed?.how ?? "single",
      is_demo: true,
    };
  }

  #writeHistory(): void {
    const all = [...this.cases.values()].reverse();
    for (const [index, { detail, evidence }] of all.entries()) {
      const at = Date.parse(detail.received_at);
      const shared = { caseId: detail.id, subject: detail.accession_number };
      this.log.append("instance.stored", `Stored ${detail.images[0]?.file_name ?? "a film"}`, {
        ...shared,
        at,
      });
      this.log.append(
        "run.completed",
        `Six lanes reported in ${(3 + (index % 5) * 0.7).toFixed(1)} s`,
        { ...shared, at: at + 8_000 },
      );
      if (index % 7 === 2) {
        const code = index % 2 ? "unreadable" : "limit_exceeded";
        const reason =
          code === "unreadable"
            ? "The DICOM file ends in the middle of element (7FE0,0010)."
            : "The picture would be 900 megapixels; the limit is 100.";
        const name = code === "unreadable" ? `IM${index}_truncated.dcm` : `claim-${index}.png`;
        this.quarantine.unshift({
          id: `q-${index}`,
          file_name: name,
          size_bytes: 48_213 * (index + 1),
          sha256: sha(name),
          code,
          reason,
          source: "browser",
          received_at: new Date(at).toISOString(),
        });
        this.log.append("instance.quarantined", `${name}: ${reason}`, { subject: name, at });
      }
      if (index % 3 === 0 && index < 45) {
        const actor = index % 2 ? ME : { id: "u-2", display_name: "Ravi Second" };
        this.log.append("case.claimed", "Claimed for 30 minutes", {
          ...shared,
          actor,
          at: at + 60_000,
        });
        this.log.append("read.sealed", "Sealed a blind answer", {
          ...shared,
          actor,
          at: at + 140_000,
        });
        this.log.append("verdict.filed", "Filed a verdict: flag confirmed", {
          ...shared,
          actor,
          at: at + 190_000,
        });
        this.labels.unshift({
          ...this.label({ detail, evidence }),
          outcome: evidence.flagged ? "suspicious" : "authentic",
          decision: index % 12 === 0 ? "overrule" : "confirm",
          first_answer: index % 9 === 0 ? "suspicious" : "authentic",
          confidence: 1 + (index % 5),
          reason_codes: evidence.flagged ? ["uniform_grain"] : ["natural_noise"],
          reader: actor.display_name,
          sealed_at: new Date(at + 140_000).toISOString(),
          filed_at: new Date(at + 190_000).toISOString(),
        });
      }
    }
  }
}

const card = (text: string): Record<string, unknown> => ({
  summary: text,
  input: "luma tiles 256 x 256, native resolution",
  training_sha256: sha(text),
});

export const MODELS: ModelOut[] = [
  {
    name: "synthesis",
    version: "1.3.0",
    sha256: sha("synthesis"),
    stage: "active",
    licence: "Apache-2.0",
    trained_at: "2026-11-20T09:12:00Z",
    metrics: {
      auc: 0.974,
      tpr_at_fpr_1pct: 0.88,
      leak_probe_auc: 0.51,
      calibration_error: 0.031,
    },
    card: card("Residual spectra and co-occurrences, gradient boosting, six tiles per film."),
  },
  {
    name: "synthesis",
    version: "1.4.0-rc1",
    sha256: sha("synthesis-rc"),
    stage: "shadow",
    licence: "Apache-2.0",
    trained_at: "2026-11-22T14:40:00Z",
    metrics: {
      auc: 0.981,
      tpr_at_fpr_1pct: 0.9,
      leak_probe_auc: 0.5,
      calibration_error: 0.027,
    },
    card: card("Same features, balanced by source, averaged over five seeds."),
  },
  {
    name: "tamper",
    version: "1.3.0",
    sha256: sha("tamper"),
    stage: "active",
    licence: "Apache-2.0",
    trained_at: "2026-11-19T18:03:00Z",
    metrics: { auc: 0.911, tpr_at_fpr_1pct: 0.54, pixel_iou: 0.47 },
    card: card("Local noise inconsistency with copy-move matching."),
  },
  {
    name: "synthesis",
    version: "1.2.1",
    sha256: sha("synthesis-old"),
    stage: "retired",
    licence: "Apache-2.0",
    trained_at: "2026-10-02T08:00:00Z",
    metrics: { auc: 0.944, tpr_at_fpr_1pct: 0.71 },
    card: card("First released detector."),
  },
];

export const INSIGHTS = {
  verdicts: 214,
  flags_decided: 96,
  flags_overruled: 11,
  overrule_rate: { value: 0.115, low: 0.065, high: 0.194, n: 96 },
  switches: { suspicious_to_authentic: 3, authentic_to_suspicious: 17 },
  agreement: { value: 0.907, low: 0.861, high: 0.939, n: 214 },
  lanes: LANES.map((lane, index) => ({
    lane,
    runs: 1840 - index * 12,
    findings: [41, 18, 133, 22, 96, 74][index]!,
    not_assessable: [0, 1610, 402, 3, 118, 131][index]!,
    median_seconds: [0.02, 0.01, 0.05, 0.31, 1.84, 2.12][index]!,
  })),
};
