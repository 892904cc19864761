/** An entry of the log as a sentence: who did what to which case or file. */
import type { EventOut } from "@/api/types";

const ID_DIGITS = 8;

/** "run:2a041367-7a96-..." as its own id's first digits. */
export function shortId(id: string): string {
  return (id.split(":").at(-1) ?? id).slice(0, ID_DIGITS);
}

/** `{case}` and `{id}` stand for the case and for the entry's subject. */
const DEEDS: Record<string, string> = {
  signed_in: "signed in",
  sign_in_failed: "failed to sign in",
  signed_out: "signed out",
  token_issued: "issued access token {id}",
  token_revoked: "withdrew access token {id}",
  upload_opened: "opened upload {id}",
  upload_cancelled: "cancelled upload {id}",
  file_received: "received file {id}",
  file_quarantined: "put file {id} into quarantine",
  file_duplicated: "knew file {id} already",
  archive_unpacked: "unpacked archive {id}",
  image_registered: "registered image {id}",
  case_opened: "put {case} on a worklist",
  run_finished: "analysed a film of {case}",
  run_failed: "could not analyse a film of {case}",
  case_claimed: "claimed {case}",
  case_assigned: "gave {case} to somebody",
  case_prioritised: "changed the priority class of {case}",
  case_promoted: "moved {case} up: it waited longer than the department allows",
  case_released: "gave {case} back",
  case_viewed: "looked at {case}",
  read_sealed: "sealed a first answer for {case}",
  evidence_served: "was shown the evidence of {case}",
  verdict_filed: "filed a verdict on {case}",
  verdict_amended: "amended their verdict on {case}",
  second_read_asked: "sent {case} to another reader",
  adjudication_asked: "sent {case} to adjudication",
  answers_served: "was shown the readers' answers on {case}",
  case_adjudicated: "settled {case}",
  case_reopened: "re-opened {case}",
  colleague_asked: "asked a colleague about {case}",
  reason_code_changed: "changed reason {id}",
  policy_changed: "changed the reading policy of department {id}",
  labels_exported: "downloaded the labels",
  worklist_exported: "downloaded a worklist",
  audit_read: "read this log",
};

export function whoOf(event: Pick<EventOut, "actor" | "kind">): string {
  if (event.actor !== null) return event.actor.display_name;
  return event.kind === "sign_in_failed" ? "Somebody" : "Truefilm";
}

/** "R. Adams sealed a first answer for case 3f381ad3"; an unknown kind keeps its label. */
export function sentenceOf(
  event: Pick<EventOut, "actor" | "kind" | "label" | "case_id" | "subject">,
): string {
  const deed = DEEDS[event.kind] ?? `${event.label.toLowerCase()} {id}`;
  const words = deed
    .replace("{case}", event.case_id === null ? "a case" : `case ${shortId(event.case_id)}`)
    .replace("{id}", shortId(event.subject))
    .trim();
  return `${whoOf(event)} ${words}`;
}
