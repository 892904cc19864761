/** How answers, decisions and findings are called on screen. */
import { t } from "@lingui/core/macro";
import type {
  Answer,
  CaseDetail,
  Decision,
  Finding,
  LaneEvidence,
  LaneName,
  LaneStatus,
  Outcome,
  Person,
} from "@/api/types";
import { formatClockSeconds, formatCount } from "@/ui/format";

import type { ClaimNotice } from "./usePresence";

export const ANSWERS: readonly { answer: Answer; label: string; key: string }[] = [
  { answer: "authentic", label: t`Authentic`, key: "A" },
  { answer: "suspicious", label: t`Suspicious`, key: "S" },
  { answer: "cannot_tell", label: t`Cannot tell`, key: "U" },
];

export function answerLabel(answer: Answer): string {
  return ANSWERS.find((known) => known.answer === answer)?.label ?? answer;
}

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
): readonly { decision: Decision; label: string; means: string; key: string }[] {
  return [
    {
      decision: "confirm",
      label: flagged ? t`Confirm the flag` : t`Agree: nothing found`,
      means: flagged ? t`The film is suspicious.` : t`The film is authentic.`,
      key: "C",
    },
    {
      decision: "overrule",
      label: flagged ? t`Overrule the flag` : t`Disagree: I suspect it`,
      means: flagged ? t`The film is authentic.` : t`The film is suspicious.`,
      key: "O",
    },
    {
      decision: "inconclusive",
      label: t`Inconclusive`,
      means: t`Neither can be said.`,
      key: "I",
    },
  ];
}

export const STATUS_WORDS: Record<LaneStatus, string> = {
  finding: t`Finding`,
  clear: t({ message: "Clear", context: "a lane that found nothing" }),
  not_assessable: t`Not assessable`,
};

/** Lanes whose word is not a matter of pixels come first. */
const HARD_FIRST: readonly LaneName[] = [
  "provenance",
  "container",
  "metadata",
  "reuse",
  "synthesis",
  "tamper",
];
const STATUS_ORDER: Record<LaneStatus, number> = { finding: 0, clear: 1, not_assessable: 2 };

/** SPEC workers/types.py Finding.weight: 1.0 is hard evidence. */
const HARD_WEIGHT = 1;

export function isHard(finding: Pick<Finding, "weight">): boolean {
  return Math.abs(finding.weight) >= HARD_WEIGHT;
}

/** Return the lanes with hard evidence first, then findings, then clear, then the rest. */
export function orderLanes(lanes: readonly LaneEvidence[]): readonly LaneEvidence[] {
  const rank = (lane: LaneEvidence): readonly number[] => [
    lane.findings.some(isHard) ? 0 : 1,
    STATUS_ORDER[lane.status],
    HARD_FIRST.indexOf(lane.lane),
  ];
  return [...lanes].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    for (let i = 0; i < x.length; i += 1) {
      const difference = (x[i] ?? 0) - (y[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** "speaks strongly against the film": the weight in words. */
export function weightWords(weight: number): string {
  const size = Math.abs(weight);
  if (size === 0) return t`neutral`;
  const side = weight > 0 ? t`against the film` : t`for the film`;
  if (size >= HARD_WEIGHT) return t`hard evidence ${side}`;
  if (size >= 0.7) return t`strong, ${side}`;
  if (size >= 0.5) return t`unusual, ${side}`;
  return t`weak, ${side}`;
}

/** Whether each typed word begins a word of `text`: "natural" does not find "unnatural". */
export function findsWords(text: string, typed: string): boolean {
  const split = (of: string) =>
    of
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean);
  const words = split(text);
  return split(typed).every((part) => words.some((word) => word.startsWith(part)));
}

/** Return the lane whose map H, J or K asks for. K walks through all maps, then off. */
export function mapForKey(
  key: "h" | "j" | "k",
  lanes: readonly LaneEvidence[],
  shown: LaneName | null,
): LaneName | null {
  const withMap = lanes.filter((lane) => lane.has_heatmap).map((lane) => lane.lane);
  if (key === "k") return withMap[shown === null ? 0 : withMap.indexOf(shown) + 1] ?? null;
  const wanted: LaneName = key === "h" ? "synthesis" : "tamper";
  if (!withMap.includes(wanted)) return shown;
  return shown === wanted ? null : wanted;
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
