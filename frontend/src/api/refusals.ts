/**
 * The server's refusals in the reader's language, by their codes (docs/api.md). The server
 * itself speaks English and may say more; what has no words here keeps the server's.
 */
import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

const REFUSALS: Record<string, MessageDescriptor> = {
  already_adjudicated: msg`This case has been settled meanwhile.`,
  already_decided: msg`You have already filed a verdict on this case.`,
  already_read: msg`You have already read this case.`,
  already_revoked: msg`This token has already been withdrawn.`,
  already_sealed: msg`You have already sealed an answer for this case.`,
  amended_before: msg`This verdict has been amended before; amend the newest one.`,
  bad_archive: msg`The archive cannot be read.`,
  bad_confidence: msg`Confidence goes from 1 to 5.`,
  bad_cursor: msg`The list has changed. Load it again.`,
  bad_filter: msg`The filter cannot be read.`,
  bad_person: msg`This person cannot read on this worklist.`,
  bad_queue: msg`There is no such queue.`,
  bad_region: msg`A region cannot be used: it must lie on the film.`,
  bad_request: msg`The server could not read the request.`,
  bad_sort: msg`This worklist cannot be ordered like that.`,
  bad_state: msg`There is no such state.`,
  case_done: msg`This case is closed.`,
  changed_mind_required: msg`Your verdict differs from your first answer: say what changed your mind.`,
  changed_since: msg`The case has changed since.`,
  claimed_by_other: msg`Somebody else has this case.`,
  conflict: msg`Something has changed meanwhile. Load the page again.`,
  csrf: msg`This page is out of date. Load it again.`,
  damaged_member: msg`A file in the archive is damaged.`,
  denied: msg`You may not do this.`,
  draft_changed: msg`The draft was changed in another window.`,
  draft_too_large: msg`The draft is too large to be kept.`,
  encrypted_member: msg`A file in the archive is encrypted.`,
  hotkey_taken: msg`Another reason has this key.`,
  internal: msg`The server failed. What you sent was not stored.`,
  invalid: msg`The server cannot use what was entered.`,
  name_required: msg`A view needs a name.`,
  name_taken: msg`There is a view of this name already.`,
  nested_archive: msg`Archives inside archives are not opened.`,
  no_map: msg`This lane gave no map.`,
  not_adjudicator: msg`This case waits for someone who may settle it.`,
  not_dicom: msg`The file is no DICOM object.`,
  not_done: msg`Only a closed case can be opened again.`,
  not_found: msg`There is nothing here, or you may not see it.`,
  not_in_adjudication: msg`This case does not wait to be settled.`,
  not_ready: msg`The lanes are still at work on this case.`,
  note_too_long: msg`The note is too long.`,
  nothing_to_amend: msg`There is no verdict of yours to amend.`,
  opinion_filter: msg`A worklist that is read blind cannot be filtered by what the system thinks.`,
  own_read: msg`Who has read the case cannot settle it.`,
  priority_required: msg`Choose a priority class.`,
  private_filter: msg`A view cannot keep words that may name a patient.`,
  reason_required: msg`Give at least one reason.`,
  reason_too_long: msg`The reason is too long.`,
  seal_first: msg`Seal your answer first.`,
  sign_in: msg`You are signed out.`,
  too_large: msg`The file is larger than this site accepts.`,
  too_many_members: msg`The archive holds too many files.`,
  too_many_tabs: msg`This case is open in too many tabs.`,
  too_many_views: msg`No more views can be kept on this worklist.`,
  try_again: msg`The server is busy. Try again in a moment.`,
  unknown_reason: msg`A reason is not known any more.`,
  unsafe_path: msg`The archive holds a file with an unsafe path.`,
  upload_cancelled: msg`This upload was cancelled.`,
  worker_lost: msg`The file could not be read: the program that read it ended.`,
  zip_bomb: msg`The archive unpacks to far more than it should.`,
};

/** What the page says of a refusal: in English the server's own words, else ours by its code. */
export function refusalWords(code: string, detail: string): string {
  const words = REFUSALS[code];
  return i18n.locale === "en" || words === undefined ? detail : i18n._(words);
}
