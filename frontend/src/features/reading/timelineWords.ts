/** An entry of a case's timeline as a sentence. The case is not named: it is on screen. */
import { t } from "@lingui/core/macro";

import type { TimelineEntry } from "@/api/types";

const DEEDS: Record<string, (who: string) => string> = {
  case_opened: (who) => t`${who} put the case on the worklist`,
  case_viewed: (who) => t`${who} looked at the case`,
  case_fetched: (who) => t`${who} had the case fetched beside another`,
  case_claimed: (who) => t`${who} claimed the case`,
  case_released: (who) => t`${who} gave the case back`,
  case_prioritised: (who) => t`${who} changed the priority class`,
  case_promoted: (who) => t`${who} moved the case up after a long wait`,
  run_finished: (who) => t`${who} analysed a film`,
  run_failed: (who) => t`${who} could not analyse a film`,
  read_sealed: (who) => t`${who} sealed a first answer`,
  evidence_served: (who) => t`${who} was shown the evidence`,
  verdict_filed: (who) => t`${who} filed a verdict`,
  verdict_amended: (who) => t`${who} amended their verdict`,
  second_read_asked: (who) => t`${who} sent the case to another reader`,
  adjudication_asked: (who) => t`${who} sent the case to adjudication`,
  answers_served: (who) => t`${who} was shown the readers' answers`,
  case_adjudicated: (who) => t`${who} settled the case`,
  case_reopened: (who) => t`${who} re-opened the case`,
  colleague_asked: (who) => t`${who} asked a colleague`,
  question_read: (who) => t`${who} read a colleague's question`,
  colleague_replied: (who) => t`${who} replied to a colleague`,
  film_authorized: (who) => t`${who} had a film signed as authentic`,
  authorized_film_served: (who) => t`${who} fetched a signed film`,
  reply_read: (who) => t`${who} read a colleague's reply`,
};

/** "R. Adams claimed the case"; a kind that is new on the server keeps its label. */
export function timelineSentence(entry: TimelineEntry): string {
  const { actor, given_to, kind, label } = entry;
  const who = actor?.display_name ?? "Truefilm";
  if (kind === "case_assigned") {
    return given_to === null
      ? t`${who} gave the case to somebody`
      : t`${who} gave the case to ${given_to.display_name}`;
  }
  return DEEDS[kind]?.(who) ?? `${who}: ${label}`;
}
