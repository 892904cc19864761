/** How truths and kinds are called on screen. */
import type { PracticeFeedback, PracticeKind, PracticeSession } from "@/api/types";

const KINDS: Record<PracticeKind, string> = {
  untouched: "Untouched",
  reprocessed: "Authentic, processed again",
  whole_film: "Whole film generated",
  region_generated: "Region painted in by a generator",
  region_copied: "Region copied within the film",
  region_spliced: "Region taken from another film",
  region_removed: "Region removed",
};

export function kindLabel(kind: PracticeKind): string {
  return KINDS[kind];
}

const TRUTHS: Record<PracticeFeedback["truth"], string> = {
  authentic: "This film is authentic.",
  generated: "This film is generated.",
  altered: "This film is altered.",
};

export function truthWords({ truth }: Pick<PracticeFeedback, "truth">): string {
  return TRUTHS[truth];
}

/** "Right.", "Wrong.", or that nothing was said. */
export function judgementWords({
  is_right,
  given,
}: Pick<PracticeFeedback, "is_right" | "given">): string {
  if (is_right) return "Right.";
  return given.answer === "cannot_tell" ? "You could not tell." : "Not right.";
}

/** What became of the marks, or null where there was nothing to mark and none was set. */
export function marksWords({
  regions,
  stray_marks,
}: Pick<PracticeFeedback, "regions" | "stray_marks">): string | null {
  const found = regions.filter((region) => region.found).length;
  const astray =
    stray_marks === 0
      ? ""
      : ` ${stray_marks} of your marks ${stray_marks === 1 ? "lies" : "lie"} elsewhere.`;
  if (regions.length === 0) {
    return stray_marks === 0 ? null : "No part of this film was altered by itself.";
  }
  const what = regions.length === 1 ? "the altered part" : "altered parts";
  const said =
    regions.length === 1
      ? found === 1
        ? `You marked ${what}.`
        : `You did not mark ${what}; it is outlined on the film.`
      : `You marked ${found} of ${regions.length} ${what}; all are outlined on the film.`;
  return said + astray;
}

/** Return the first film of a session that waits for an answer, after `id` and then before. */
export function nextOpen(session: PracticeSession, id: string): string | null {
  const at = session.films.findIndex((film) => film.id === id);
  const inOrder = [...session.films.slice(at + 1), ...session.films.slice(0, at + 1)];
  return inOrder.find((film) => !film.is_answered && film.id !== id)?.id ?? null;
}
