/** How decisions, outcomes and people are called on screen. */
import { t } from "@lingui/core/macro";
import type { CaseDetail, Decision, Outcome, Person } from "@/api/types";
import { formatClockSeconds, formatCount } from "@/ui/format";
import type { KeyId } from "@/ui/keys";

import type { ClaimNotice } from "./usePresence";

/** "Sealed 19:04:31. Entry 1,482 in the log." */
export function sayDone(what: string, at: string, position: number): string {
  return t`${what} ${formatClockSeconds(at)}. Entry ${formatCount(position)} in the log.`;
}

export const DECISION_WORDS: Record<Decision, string> = {
  confirm: t`agrees with the system`,
  overrule: t`overrules the system`,
  inconclusive: t`inconclusive`,
};

/** How a case was closed, after "Closed: suspicious, ". */
export const CLOSED_WORDS: Record<NonNullable<CaseDetail["closed"]>["how"], string> = {
  single: t`by one reader`,
  agreed: t`its readers agree`,
  adjudicated: t`settled by an adjudicator`,
  readers_differ: t`its readers differ and nobody settles it here`,
};

const OUTCOMES: Record<Outcome, string> = {
  authentic: t`Authentic`,
  suspicious: t`Suspicious`,
  inconclusive: t`Inconclusive`,
};

export function outcomeLabel(outcome: Outcome): string {
  return OUTCOMES[outcome];
}

/** What the three decisions are called depends on whether there is a flag to decide about. */
export function decisionsFor(
  flagged: boolean,
): readonly { decision: Decision; label: string; means: string; keyId: KeyId }[] {
  return [
    {
      decision: "confirm",
      label: flagged ? t`Confirm the flag` : t`Agree: nothing found`,
      means: flagged ? t`The film is suspicious.` : t`The film is authentic.`,
      keyId: "verdict.confirm",
    },
    {
      decision: "overrule",
      label: flagged ? t`Overrule the flag` : t`Disagree: I suspect it`,
      means: flagged ? t`The film is authentic.` : t`The film is suspicious.`,
      keyId: "verdict.overrule",
    },
    {
      decision: "inconclusive",
      label: t`Inconclusive`,
      means: t`Neither can be said.`,
      keyId: "verdict.inconclusive",
    },
  ];
}

/** "R. Second", "R. Second and D. Lead", "R. Second and 2 others". */
export function peopleNames(people: readonly Person[]): string {
  const [first, second, ...more] = people.map((person) => person.display_name);
  if (first === undefined) return "";
  if (second === undefined) return first;
  return more.length === 0
    ? t`${first} and ${second}`
    : t`${first} and ${more.length + 1} others`;
}

/** What became of the claim; empty while there is nothing to say. */
export function claimWords(notice: ClaimNotice): string {
  if (notice.kind === "quiet") return "";
  if (notice.kind === "free") return notice.wasMine ? t`Your claim ended` : t`Not claimed`;
  const { display_name } = notice.holder;
  return notice.wasMine ? t`Taken over by ${display_name}` : t`Claimed by ${display_name}`;
}
