/** The shapes of docs/api.md, written by hand until the server's OpenAPI file replaces them. */

export type Role = "radiologist" | "lead" | "ml" | "admin" | "integration";
export type Permission =
  | "read_cases"
  | "upload"
  | "view_quarantine"
  | "view_audit"
  | "view_insights"
  | "export_labels"
  | "view_models"
  | "administer";
export type WorklistMode = "blind_first" | "triage";
export type LaneName =
  "container" | "provenance" | "metadata" | "reuse" | "synthesis" | "tamper";
export type LaneStatus = "finding" | "clear" | "not_assessable";
export type CaseState = "analysing" | "ready" | "in_read" | "sealed" | "done";
export type ReadPhase = "unread" | "sealed" | "done";
export type Answer = "authentic" | "suspicious" | "cannot_tell";
export type Decision = "confirm" | "overrule" | "inconclusive";
export type Outcome = "authentic" | "suspicious" | "inconclusive";

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface CountedPage<Item> extends Page<Item> {
  total: number;
}

export interface Person {
  id: string;
  display_name: string;
}

export interface WorklistOut {
  id: string;
  slug: string;
  name: string;
  mode: WorklistMode;
  open_count: number;
}

export interface Me {
  id: string;
  username: string;
  display_name: string;
  role: Role;
  site: { id: string; name: string };
  permissions: Permission[];
  worklists: WorklistOut[];
}

export interface Patient {
  name: string;
  patient_id: string;
  age_years: number | null;
  sex: string;
}

export interface Triage {
  suspicion: number | null;
  flagged: boolean;
  top_lane: LaneName | null;
  reason: string;
}

export interface CaseRow {
  id: string;
  version: number;
  received_at: string;
  patient: Patient;
  modality: string;
  description: string;
  accession_number: string;
  view_count: number;
  state: CaseState;
  progress: { done: number; total: number };
  claimed_by: Person | null;
  claim_expires_at: string | null;
  read_phase: ReadPhase;
  /** Absent, not null, where the reader has yet to seal a blind answer. */
  triage?: Triage;
}

export interface ImageRef {
  id: string;
  rows: number;
  columns: number;
  frame_count: number;
  format: string;
  view: string;
  laterality: string;
  file_name: string;
}

export interface RegionIn {
  image_id: string;
  frame: number;
  kind: "box" | "freehand";
  /** [column, row] in image pixels. */
  points: [number, number][];
}

export interface SealIn {
  answer: Answer;
  confidence: number;
  reason_codes: string[];
  regions: RegionIn[];
  note: string;
}

export interface ReadOut extends SealIn {
  id: string;
  mode: string;
  sealed_at: string;
  seal_sha256: string;
  reader: Person;
}

export interface SealOut {
  read: ReadOut;
  log_position: number;
}

export interface VerdictIn {
  decision: Decision;
  reason_codes: string[];
  regions: RegionIn[];
  note: string;
  changed_mind_code: string | null;
}

export interface VerdictOut extends VerdictIn {
  id: string;
  outcome: Outcome;
  filed_at: string;
  log_position: number;
  reader: Person;
}

export interface CaseDetail extends CaseRow {
  worklist: { id: string; slug: string; name: string; mode: WorklistMode };
  study_date: string | null;
  manufacturer: string;
  images: ImageRef[];
  first_read: ReadOut | null;
  verdict: VerdictOut | null;
}

export interface Region {
  row: number;
  column: number;
  height: number;
  width: number;
}

export interface Finding {
  code: string;
  text: string;
  weight: number;
  source: string;
  region: Region | null;
  detail: Record<string, unknown>;
}

export interface LaneEvidence {
  lane: LaneName;
  version: string;
  status: LaneStatus;
  reason: string;
  suspicion: number | null;
  findings: Finding[];
  has_heatmap: boolean;
  has_reliability: boolean;
  model_sha256: string | null;
  seconds: number;
}

export interface ImageEvidence {
  image_id: string;
  suspicion: number | null;
  flagged: boolean;
  reason: string;
  override: string | null;
  top_lane: LaneName | null;
  lanes: LaneEvidence[];
}

export interface CaseEvidence {
  suspicion: number | null;
  flagged: boolean;
  reason: string;
  threshold: number;
  images: ImageEvidence[];
  overruled_of_last: { flags: number; overruled: number };
}

export interface HeatmapOut {
  rows: number;
  columns: number;
  spacing_px: [number, number];
  origin_px: [number, number];
  /** base64 of float32, little endian, row-major, 0..1. */
  values: string;
  reliability: string | null;
}

export interface ReasonCode {
  code: string;
  label: string;
  group: "against" | "for" | "changed_mind";
}

export type PixelType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32";

export interface ImageMeta {
  id: string;
  rows: number;
  columns: number;
  frame_count: number;
  samples: number;
  bits_stored: number;
  is_signed: boolean;
  dtype: PixelType;
  photometric: "MONOCHROME1" | "MONOCHROME2" | "RGB";
  slope: number;
  intercept: number;
  windows: { center: number; width: number; label: string }[];
  voi_function: string;
  spacing_mm: [number, number] | null;
  spacing_note: string;
  pixel_min: number;
  pixel_max: number;
}

export type ItemStatus =
  "received" | "unpacking" | "stored" | "duplicate" | "quarantined" | "cancelled";

export interface UploadIn {
  worklist: string;
  claim_reference: string;
  expected_files: number;
}

export interface UploadOut {
  id: string;
  worklist: string;
  claim_reference: string;
  source: string;
  created_at: string;
  created_by: Person | null;
  state: "open" | "settled" | "cancelled";
  counts: Record<ItemStatus, number>;
  total: number;
}

export interface UploadItem {
  id: string;
  upload_id: string;
  parent_id: string | null;
  file_name: string;
  size_bytes: number;
  sha256: string | null;
  status: ItemStatus;
  code: string | null;
  reason: string | null;
  case_id: string | null;
  version: number;
}

export interface QuarantineItem {
  id: string;
  file_name: string;
  size_bytes: number;
  sha256: string;
  code: string;
  reason: string;
  source: string;
  received_at: string;
}

export interface EventOut {
  position: number;
  kind: string;
  label: string;
  occurred_at: string;
  actor: Person | null;
  case_id: string | null;
  subject: string;
  text: string;
  leaf_hash: string;
}

export interface EventPage extends Page<EventOut> {
  tree_size: number;
  root_hash: string;
}

export interface EventKind {
  kind: string;
  label: string;
}

export interface ProofOut {
  position: number;
  tree_size: number;
  leaf_hash: string;
  root_hash: string;
  path: string[];
  /** The canonical JSON, exactly as it was hashed. */
  leaf: string;
}

export interface LabelOut {
  label_id: string;
  case_id: string;
  image_sha256: string;
  pixel_sha256: string;
  outcome: Outcome;
  decision: Decision;
  first_answer: Answer;
  confidence: number;
  mode: string;
  reason_codes: string[];
  reader: string;
  sealed_at: string;
  filed_at: string;
  flagged: boolean;
  suspicion: number | null;
  pipeline_version: string;
  model_sha256s: string[];
  is_demo: boolean;
}

export interface ModelOut {
  lane: LaneName;
  version: string;
  sha256: string;
  stage: string;
  licence: string;
  trained_at: string | null;
  metrics: Record<string, unknown>;
  card: Record<string, unknown>;
}

export interface Interval {
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
}

export interface LaneSummary {
  lane: LaneName;
  runs: number;
  findings: number;
  not_assessable: number;
  median_seconds: number | null;
}

export interface InsightsSummary {
  open_cases: number;
  oldest_open_minutes: number | null;
  verdicts: number;
  flags_decided: number;
  flags_overruled: number;
  overrule_rate: Interval;
  switches: Record<string, number>;
  kappa: Interval | null;
  lanes: LaneSummary[];
}
