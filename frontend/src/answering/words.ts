/** How answers, lanes and findings are called, wherever a film is answered about. */
import { t } from "@lingui/core/macro";
import type { Answer, Finding, LaneEvidence, LaneName, LaneStatus } from "@/api/types";
import type { KeyId } from "@/ui/keys";

export const ANSWERS: readonly { answer: Answer; label: string; keyId: KeyId }[] = [
  { answer: "authentic", label: t`Authentic`, keyId: "answer.authentic" },
  { answer: "suspicious", label: t`Suspicious`, keyId: "answer.suspicious" },
  { answer: "cannot_tell", label: t`Cannot tell`, keyId: "answer.cannot_tell" },
];

export function answerLabel(answer: Answer): string {
  return ANSWERS.find((known) => known.answer === answer)?.label ?? answer;
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
