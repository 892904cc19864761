/** How decisions, outcomes and people are called on screen. */
import type { CaseDetail, Decision, Outcome, Person } from "@/api/types";
import { formatClockSeconds, formatCount } from "@/ui/format";

import type { ClaimNotice } from "./usePresence";

/** "Sealed 19:04:31. Entry 1,482 in the log." */
export function sayDone(what: string, at: string, position: number): string {
  return `${what} ${formatClockSeconds(at)}. Entry ${formatCount(position)} in the log.`;
}

export const DECISION_WORDS: Record<Decision, string> = {
  confirm: "agrees with the system",
  overrule: "overrules the system",
  inconclusive: "inconclusive",
};

/** How a case was closed, after "Closed: suspicious, ". */
export const CLOSED_WORDS: Record<NonNullable<CaseDetail["closed"]>["how"], string> = {
  single: "by one reader",
  agreed: "its readers agree",
  adjudicated: "settled by an adjudicator",
  readers_differ: "its readers differ and nobody settles it here",
};

const OUTCOMES: Record<Outcome, string> = {
  authentic: "Authentic",
  suspicious: "Suspicious",
  inconclusive: "Inconclusive",
};

export function outcomeLabel(outcome: Outcome): string {
  return OUTCOMES[outcome];
}

/** What the three decisions are called depends on whether there is a flag to decide about. */
export function decisionsFor(
  flagged: boolean,
): readonly { decision: Decision; label: string; means: string; key: string }[] {
  return [
    {
      decision: "confirm",
      label: flagged ? "Confirm the flag" : "Agree: nothing found",
      means: flagged ? "The film is suspicious." : "The film is authentic.",
      key: "C",
    },
    {
      decision: "overrule",
      label: flagged ? "Overrule the flag" : "Disagree: I suspect it",
      means: flagged ? "The film is authentic." : "The film is suspicious.",
      key: "O",
    },
    {
      decision: "inconclusive",
      label: "Inconclusive",
      means: "Neither can be said.",
      key: "I",
    },
  ];
}

/** "R. Second", "R. Second and D. Lead", "R. Second and 2 others". */
export function peopleNames(people: readonly Person[]): string {
  const [first, second, ...more] = people.map((person) => person.display_name);
  if (first === undefined) return "";
  if (second === undefined) return first;
  return `${first} and ${more.length === 0 ? second : `${more.length + 1} others`}`;
}

/** What became of the claim; empty while there is nothing to say. */
export function claimWords(notice: ClaimNotice): string {
  if (notice.kind === "quiet") return "";
  if (notice.kind === "free") return notice.wasMine ? "Your claim ended" : "Not claimed";
  const { display_name } = notice.holder;
  return notice.wasMine ? `Taken over by ${display_name}` : `Claimed by ${display_name}`;
}
