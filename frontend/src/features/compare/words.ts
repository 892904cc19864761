/** How two films relate, in words. Pure. */
import { t } from "@lingui/core/macro";
import type { Match, Prior } from "@/api/types";
import { formatDate } from "@/ui/format";
import type { Alignment } from "@/viewer";

/** As the viewer takes it; null where the lane's transform is not known. */
export function alignmentOf(match: Pick<Match, "transform">): Alignment | null {
  const { transform } = match;
  if (transform === null) return null;
  const quarterTurns = (((transform.quarter_turns % 4) + 4) % 4) as Alignment["quarterTurns"];
  return { quarterTurns, mirrored: transform.mirrored, inverted: transform.inverted };
}

const TURNED = ["", t`turned by 90°`, t`turned by 180°`, t`turned by 270°`] as const;

/** "mirrored, turned by 90°, inverted", or empty where nothing was done. */
export function changeWords(by: Alignment): string {
  return [
    by.mirrored ? t`mirrored` : "",
    TURNED[by.quarterTurns],
    by.inverted ? t`inverted` : "",
  ]
    .filter((word) => word !== "")
    .join(", ");
}

/** "Same film, mirrored, inverted (3 of 64 bits differ); first seen 12 Mar 2026 under another patient." */
export function matchWords(match: Match): string {
  const by = alignmentOf(match);
  const how = by === null ? "" : changeWords(by);
  const what = match.is_exact
    ? t`Exactly the same pixels`
    : how === ""
      ? t`Same picture (${match.distance_bits} of 64 bits differ)`
      : t`Same picture, ${how} (${match.distance_bits} of 64 bits differ)`;
  const when = formatDate(match.first_seen);
  return match.is_same_patient
    ? t`${what}; first seen ${when} in another study of this patient.`
    : t`${what}; first seen ${when} under another patient.`;
}

/** The match is of these slices alone, whichever are on screen; null: no slice of a stack. */
export function sliceMatchWords(
  words: string,
  own: number | null,
  other: number | null,
): string {
  if (own !== null && other !== null) {
    return t`Slice ${own} here and slice ${other} there: ${words}`;
  }
  if (own !== null) return t`Slice ${own} here: ${words}`;
  return other === null ? words : t`Slice ${other} there: ${words}`;
}

export function priorDate(prior: Prior): string {
  return prior.study_date === null ? t`No study date` : formatDate(prior.study_date);
}

export function priorTitle(prior: Prior): string {
  return [priorDate(prior), prior.description, prior.modality]
    .filter((fact) => fact !== "")
    .join(" · ");
}

/** What the strip says of an earlier study: nothing is claimed about how the films lie. */
export function priorWords(prior: Prior, isStack = false): string {
  if (isStack) {
    return t`Earlier study of the same patient: ${priorTitle(prior)}. Moved and scrolled together, not aligned: the patient lay anew.`;
  }
  return t`Earlier study of the same patient: ${priorTitle(prior)}. Moved together, not aligned: the patient stood anew.`;
}
