/** An entry of the log as a sentence: who did what to which case or file. */
import { t } from "@lingui/core/macro";
import type { EventOut } from "@/api/types";

const ID_DIGITS = 8;

/** "run:2a041367-7a96-..." as its own id's first digits. */
export function shortId(id: string): string {
  return (id.split(":").at(-1) ?? id).slice(0, ID_DIGITS);
}

/** Who did it, to which case, to which subject: each as it is called in a sentence. */
interface Parts {
  readonly who: string;
  readonly study: string;
  readonly id: string;
}

const DEEDS: Record<string, (parts: Parts) => string> = {
  signed_in: ({ who }) => t`${who} signed in`,
  sign_in_failed: ({ who }) => t`${who} failed to sign in`,
  signed_out: ({ who }) => t`${who} signed out`,
  token_issued: ({ who, id }) => t`${who} issued access token ${id}`,
  token_revoked: ({ who, id }) => t`${who} withdrew access token ${id}`,
  upload_opened: ({ who, id }) => t`${who} opened upload ${id}`,
  upload_cancelled: ({ who, id }) => t`${who} cancelled upload ${id}`,
  file_received: ({ who, id }) => t`${who} received file ${id}`,
  file_quarantined: ({ who, id }) => t`${who} put file ${id} into quarantine`,
  file_duplicated: ({ who, id }) => t`${who} knew file ${id} already`,
  archive_unpacked: ({ who, id }) => t`${who} unpacked archive ${id}`,
  image_registered: ({ who, id }) => t`${who} registered image ${id}`,
  case_opened: ({ who, study }) => t`${who} put ${study} on a worklist`,
  run_finished: ({ who, study }) => t`${who} analysed a film of ${study}`,
  run_failed: ({ who, study }) => t`${who} could not analyse a film of ${study}`,
  case_claimed: ({ who, study }) => t`${who} claimed ${study}`,
  case_assigned: ({ who, study }) => t`${who} gave ${study} to somebody`,
  case_prioritised: ({ who, study }) => t`${who} changed the priority class of ${study}`,
  case_promoted: ({ who, study }) =>
    t`${who} moved ${study} up: it waited longer than the department allows`,
  case_released: ({ who, study }) => t`${who} gave ${study} back`,
  case_viewed: ({ who, study }) => t`${who} looked at ${study}`,
  case_fetched: ({ who, study }) => t`${who} was sent ${study} beside another study`,
  read_sealed: ({ who, study }) => t`${who} sealed a first answer for ${study}`,
  evidence_served: ({ who, study }) => t`${who} was shown the evidence of ${study}`,
  verdict_filed: ({ who, study }) => t`${who} filed a verdict on ${study}`,
  verdict_amended: ({ who, study }) => t`${who} amended their verdict on ${study}`,
  second_read_asked: ({ who, study }) => t`${who} sent ${study} to another reader`,
  adjudication_asked: ({ who, study }) => t`${who} sent ${study} to adjudication`,
  answers_served: ({ who, study }) => t`${who} was shown the readers' answers on ${study}`,
  case_adjudicated: ({ who, study }) => t`${who} settled ${study}`,
  audit_opened: ({ who, study }) => t`${who} sent ${study} to an audit`,
  audit_ended: ({ who, study }) => t`${who} sent ${study} back from an audit`,
  case_reopened: ({ who, study }) => t`${who} re-opened ${study}`,
  colleague_asked: ({ who, study }) => t`${who} asked a colleague about ${study}`,
  question_read: ({ who, study }) => t`${who} read a colleague's question on ${study}`,
  colleague_replied: ({ who, study }) => t`${who} replied to a colleague on ${study}`,
  reply_read: ({ who, study }) => t`${who} read a colleague's reply on ${study}`,
  reason_code_changed: ({ who, id }) => t`${who} changed reason ${id}`,
  policy_changed: ({ who, id }) => t`${who} changed the reading policy of department ${id}`,
  member_added: ({ who, id }) => t`${who} added person ${id} to a department`,
  member_removed: ({ who, id }) => t`${who} removed person ${id} from a department`,
  device_enrolled: ({ who, id }) => t`${who} enrolled device ${id}`,
  device_changed: ({ who, id }) => t`${who} changed the details of device ${id}`,
  certificate_replaced: ({ who, id }) => t`${who} gave device ${id} another certificate`,
  certificate_revoked: ({ who, id }) => t`${who} revoked a certificate of device ${id}`,
  device_retired: ({ who, id }) => t`${who} retired device ${id}`,
  authority_added: ({ who, id }) => t`${who} added authority ${id}`,
  authority_withdrawn: ({ who, id }) => t`${who} withdrew authority ${id}`,
  revocation_list_added: ({ who, id }) => t`${who} added a revocation list of authority ${id}`,
  film_authorized: ({ who, study }) => t`${who} had a film of ${study} signed as authentic`,
  authorized_film_served: ({ who, study }) => t`${who} fetched a signed film of ${study}`,
  labels_exported: ({ who }) => t`${who} downloaded the labels`,
  worklist_exported: ({ who }) => t`${who} downloaded a worklist`,
  audit_read: ({ who }) => t`${who} read this log`,
};

/** As apps/audit/models.py calls them; a kind that is new there keeps the server's name. */
const KINDS: Record<string, string> = {
  signed_in: t`Signed in`,
  sign_in_failed: t`Sign-in failed`,
  signed_out: t`Signed out`,
  token_issued: t`Token issued`,
  token_revoked: t`Token revoked`,
  policy_changed: t`Reading policy changed`,
  member_added: t`Member added to a department`,
  member_removed: t`Member removed from a department`,
  reason_code_changed: t`Reason code changed`,
  device_enrolled: t`Device enrolled`,
  device_changed: t`Device changed`,
  certificate_replaced: t`Device certificate replaced`,
  certificate_revoked: t`Device certificate revoked`,
  device_retired: t`Device retired`,
  authority_added: t`Authority added`,
  authority_withdrawn: t`Authority withdrawn`,
  revocation_list_added: t`Revocation list added`,
  upload_opened: t`Upload opened`,
  upload_cancelled: t`Upload cancelled`,
  file_received: t`File received`,
  file_quarantined: t`File quarantined`,
  file_duplicated: t`Duplicate received`,
  archive_unpacked: t`Archive unpacked`,
  image_registered: t`Image registered`,
  case_opened: t`Case opened`,
  run_finished: t`Analysis finished`,
  run_failed: t`Analysis failed`,
  case_claimed: t`Case claimed`,
  case_assigned: t`Case assigned`,
  case_prioritised: t`Priority class changed`,
  case_promoted: t`Moved up after a long wait`,
  case_released: t`Case released`,
  case_viewed: t`Case viewed`,
  case_fetched: t`Case fetched beside another`,
  read_sealed: t`Read sealed`,
  evidence_served: t`Evidence served`,
  verdict_filed: t`Verdict filed`,
  verdict_amended: t`Verdict amended`,
  second_read_asked: t`Second read asked for`,
  adjudication_asked: t`Adjudication asked for`,
  answers_served: t`Readers' answers shown`,
  case_adjudicated: t`Case adjudicated`,
  audit_opened: t`Sent to an audit`,
  audit_ended: t`Back from an audit`,
  case_reopened: t`Case re-opened`,
  colleague_asked: t`Colleague asked`,
  question_read: t`Colleague's question read`,
  colleague_replied: t`Colleague replied`,
  reply_read: t`Colleague's reply read`,
  film_authorized: t`Film signed as authentic`,
  authorized_film_served: t`Signed film fetched`,
  labels_exported: t`Labels exported`,
  worklist_exported: t`Worklist exported`,
  audit_read: t`Audit log read`,
};

export function kindName({ kind, label }: Pick<EventOut, "kind" | "label">): string {
  return KINDS[kind] ?? label;
}

export function whoOf(event: Pick<EventOut, "actor" | "kind">): string {
  if (event.actor !== null) return event.actor.display_name;
  return event.kind === "sign_in_failed" ? t`Somebody` : "Truefilm";
}

/** "R. Adams sealed a first answer for case 3f381ad3"; an unknown kind keeps its label. */
export function sentenceOf(
  event: Pick<EventOut, "actor" | "kind" | "label" | "case_id" | "subject">,
): string {
  const who = whoOf(event);
  const id = shortId(event.subject);
  const study = event.case_id === null ? t`a case` : t`case ${shortId(event.case_id)}`;
  const deed = DEEDS[event.kind];
  if (deed === undefined) return `${who} ${event.label.toLowerCase()} ${id}`.trim();
  return deed({ who, study, id });
}
