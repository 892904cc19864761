/**
 * The shapes of the server's answers, out of its own OpenAPI file (`make api`).
 *
 * Where the server says "string" and docs/api.md names the values, `Narrow` puts the
 * narrower type in; it compiles only while the field exists and still has a wider type.
 */
import type { components } from "./schema";

type Served = components["schemas"];

/** `Base` with some fields narrowed; a field that `Base` lacks or types otherwise is an error. */
type Narrow<
  Base,
  Fields extends { [Name in keyof Fields]: Name extends keyof Base ? Base[Name] : never },
> = Omit<Base, keyof Fields> & Fields;

export type Role = "radiologist" | "lead" | "ml" | "admin" | "integration";
export type Permission =
  | "read_cases"
  | "adjudicate"
  | "set_policy"
  | "set_members"
  | "upload"
  | "view_quarantine"
  | "view_audit"
  | "view_insights"
  | "export_labels"
  | "view_models"
  | "administer"
  | "assign_cases"
  | "share_views"
  | "export_cases"
  | "keep_practice"
  | "view_devices"
  | "manage_devices";
export type LaneName =
  "container" | "provenance" | "metadata" | "reuse" | "synthesis" | "tamper";
export type Outcome = "authentic" | "suspicious" | "inconclusive";
export type ItemStatus =
  "received" | "unpacking" | "stored" | "duplicate" | "quarantined" | "cancelled";
export type PixelType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32";

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface CountedPage<Item> extends Page<Item> {
  total: number;
}

export type Person = Served["PersonOut"];
export type WorklistOut = Served["WorklistOut"];
export type WorklistMode = Served["ReadingMode"];
export type Me = Narrow<Served["Me"], { role: Role; permissions: Permission[] }>;

export type Triage = Narrow<Served["TriageOut"], { top_lane: LaneName | null }>;
/** `triage` is absent, not null, where the reader has yet to seal a blind answer. */
export type CaseRow = Narrow<Served["CaseRow"], { triage?: Triage | null }>;
export type CasePage = Narrow<Served["CasePageOut"], { items: CaseRow[] }>;
/** Single rows of a list, and which of them its filter lets through. */
export type CaseRows = Narrow<Served["CaseRowsOut"], { items: CaseRow[] }>;
export type SavedView = Served["SavedViewOut"];
export type ColumnChoice = Served["ColumnIn"];
export type BulkIn = Served["BulkIn"];
export type BulkOut = Served["BulkOut"];
export type CaseState = CaseRow["state"];
export type ReadPhase = CaseRow["read_phase"];
export type ImageRef = Served["ImageRef"];
export type NextCase = Served["NextCase"];
export type ReasonCode = Served["ReasonCodeOut"];
export type ReasonWords = Served["ReasonWords"];

/** `points`: [column, row] in image pixels. */
export type RegionIn = Served["RegionIn"];
export type SealIn = Served["SealIn"];
export type PresenceOut = Served["PresenceOut"];
export type TimelineEntry = Served["TimelineEntry"];
export type Question = Served["QuestionOut"];
export type QuestionIn = Served["QuestionIn"];
export type AskedOf = Served["AskedOut"];
export type ReplyOut = Served["ReplyOut"];
export type Notification = Served["NotificationOut"];
export type NotificationPage = Served["NotificationPage"];
export type UnreadOut = Served["UnreadOut"];
export type DraftIn = Served["DraftIn"];
export type DraftOut = Served["DraftOut"];
export type DraftsOut = Served["DraftsOut"];
export type Answer = SealIn["answer"];
export type ReadOut = Narrow<Served["ReadOut"], { answer: Answer; regions: RegionIn[] }>;
export type SealOut = Narrow<Served["SealOut"], { read: ReadOut }>;
export type VerdictIn = Served["VerdictIn"];
export type Decision = VerdictIn["decision"];
export type VerdictOut = Narrow<
  Served["VerdictOut"],
  { decision: Decision; outcome: Outcome; regions: RegionIn[] }
>;
export type CaseDetail = Narrow<
  Served["CaseDetail"],
  { triage?: Triage | null; first_read: ReadOut | null; verdict: VerdictOut | null }
>;

export type Queues = Served["QueuesOut"];
export type Queue = keyof Queues;
export type AmendIn = Served["AmendIn"];
export type RulingIn = Served["RulingIn"];
export type RulingOut = Served["RulingOut"];
export type ReopeningOut = Served["ReopeningOut"];
export type BothAnswers = Narrow<Served["BothAnswers"], { read: ReadOut; verdict: VerdictOut }>;
export type Authorization = Served["AuthorizationOut"];
export type Authorizations = Served["AuthorizationsOut"];
export type Adjudication = Narrow<Served["AdjudicationOut"], { readers: BothAnswers[] }>;

export type Region = { row: number; column: number; height: number; width: number };
/** As workers/types.py writes it; the server's schema says only "object". */
export type Finding = {
  code: string;
  text: string;
  weight: number;
  source: string;
  region: Region | null;
  detail: Record<string, unknown>;
};
export type FlagValue = Served["FlagValueOut"];
export type LaneEvidence = Narrow<
  Served["LaneEvidence"],
  { lane: LaneName; findings: Finding[] }
>;
export type LaneStatus = LaneEvidence["status"];
export type ImageEvidence = Narrow<
  Served["ImageEvidence"],
  { top_lane: LaneName | null; lanes: LaneEvidence[] }
>;
export type CaseEvidence = Narrow<Served["CaseEvidence"], { images: ImageEvidence[] }>;
/** `values` and `reliability`: base64 of float32, little endian, row-major, 0..1. */
export type HeatmapOut = Served["HeatmapOut"];

/** An earlier study of the same patient, and a film that the reuse lane found. */
export type Prior = Served["PriorOut"];
export type Match = Served["MatchOut"];

/** The images of a series, with where their files say they lie. */
export type Series = Served["SeriesOut"];

export type ImageMeta = Narrow<
  Served["ImageMetaOut"],
  { dtype: PixelType; photometric: "MONOCHROME1" | "MONOCHROME2" | "RGB" }
>;

export type UploadIn = Served["UploadIn"];
export type UploadOut = Narrow<
  Served["UploadOut"],
  { state: "open" | "settled" | "cancelled"; counts: Record<ItemStatus, number> }
>;
export type UploadItem = Narrow<Served["UploadItemOut"], { status: ItemStatus }>;
export type QuarantineItem = Served["QuarantineOut"];

export type EventOut = Served["EventOut"];
export type EventPage = Served["EventPage"];
export type EventKind = Served["KindOut"];
/** `leaf`: the canonical JSON, exactly as it was hashed. */
export type ProofOut = Served["ProofOut"];

export type LabelOut = Narrow<
  Served["LabelOut"],
  { outcome: Outcome; decision: Decision; first_answer: Answer }
>;
export type ModelOut = Served["ModelOut"];

export type Interval = Served["ProportionOut"];
export type OwnReading = Served["OwnReadingOut"];
export type OwnCanary = Served["OwnCanaryOut"];
export type CanaryFigures = Served["CanaryFiguresOut"];
export type DepartmentAudits = Served["DepartmentAuditsOut"];
export type DepartmentCanaries = Served["DepartmentCanariesOut"];
export type Stretch = Served["StretchOut"];
export type LaneSummary = Narrow<Served["LaneFiguresOut"], { lane: LaneName }>;
export type InsightsSummary = Narrow<
  Served["SummaryOut"],
  {
    lanes: LaneSummary[];
    switches: { suspicious_to_authentic: number; authentic_to_suspicious: number };
  }
>;

export type Practice = Served["PracticeOverview"];
export type PracticeSession = Served["PracticeSessionOut"];
export type PracticeAnswerIn = Served["PracticeAnswerIn"];
export type PracticeProgress = Served["PracticeProgress"];
export type PracticeTruth = Served["PracticeTruth"];
export type PracticeKind = Served["PracticeKind"];
type ServedFeedback = Served["PracticeFeedback"];
export type PracticeEvidence = Narrow<Served["PracticeEvidence"], { images: ImageEvidence[] }>;
export type PracticeFeedback = Narrow<
  ServedFeedback,
  {
    given: Narrow<ServedFeedback["given"], { regions: RegionIn[] }>;
    evidence: PracticeEvidence | null;
  }
>;
export type PracticeFilm = Narrow<
  Served["PracticeFilmOut"],
  { feedback: PracticeFeedback | null }
>;

export type Device = Served["DeviceOut"];
export type DeviceState = Device["state"];
export type DeviceDetail = Served["DeviceDetail"];
export type DeviceEvent = Served["DeviceEventOut"];
export type DeviceCertificate = Served["CertificateOut"];
export type CertificateFacts = Served["CertificateFacts"];
export type CertificateRole = Served["CertificateRole"];
export type CertificateRemark = Served["RemarkOut"];
export type Inspection = Served["InspectOut"];
export type EnrolIn = Served["EnrolIn"];
export type RevokeIn = Served["RevokeIn"];
export type RevocationReason = RevokeIn["reason"];
export type Authority = Served["AuthorityOut"];
export type RevocationList = Served["RevocationListOut"];
export type AddedList = Served["AddedListOut"];
