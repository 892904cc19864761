/** How truths and kinds are called on screen. */
import { plural, t } from "@lingui/core/macro";
import type { PracticeFeedback, PracticeKind, PracticeSession } from "@/api/types";

const KINDS: Record<PracticeKind, string> = {
  untouched: t`Untouched`,
  reprocessed: t`Authentic, processed again`,
  whole_film: t`Whole film generated`,
  region_generated: t`Region painted in by a generator`,
  region_copied: t`Region copied within the film`,
  region_spliced: t`Region taken from another film`,
  region_removed: t`Region removed`,
};

export function kindLabel(kind: PracticeKind): string {
  return KINDS[kind];
}

const TRUTHS: Record<PracticeFeedback["truth"], string> = {
  authentic: t`This film is authentic.`,
  generated: t`This film is generated.`,
  altered: t`This film is altered.`,
};

export function truthWords({ truth }: Pick<PracticeFeedback, "truth">): string {
  return TRUTHS[truth];
}

/** "Right.", "Wrong.", or that nothing was said. */
export function judgementWords({
  is_right,
  given,
}: Pick<PracticeFeedback, "is_right" | "given">): string {
  if (is_right) return t`Right.`;
  return given.answer === "cannot_tell" ? t`You could not tell.` : t`Not right.`;
}

/** What became of the marks, or null where there was nothing to mark and none was set. */
export function marksWords({
  regions,
  stray_marks,
}: Pick<PracticeFeedback, "regions" | "stray_marks">): string | null {
  const found = regions.filter((region) => region.found).length;
  if (regions.length === 0) {
    return stray_marks === 0 ? null : t`No part of this film was altered by itself.`;
  }
  const said = foundWords(found, regions.length);
  if (stray_marks === 0) return said;
  const astray = plural(stray_marks, {
    one: "# of your marks lies elsewhere.",
    other: "# of your marks lie elsewhere.",
  });
  return `${said} ${astray}`;
}

function foundWords(found: number, total: number): string {
  if (total > 1) {
    return t`You marked ${found} of ${total} altered parts; all are outlined on the film.`;
  }
  return found === 1
    ? t`You marked the altered part.`
    : t`You did not mark the altered part; it is outlined on the film.`;
}

/** Whether a film of a session waits for an answer. */
export function isOpen({
  is_answered,
  is_withdrawn,
}: Pick<PracticeSession["films"][number], "is_answered" | "is_withdrawn">): boolean {
  return !is_answered && !is_withdrawn;
}

/** Return the first film of a session that waits for an answer, after `id` and then before. */
export function nextOpen(session: PracticeSession, id: string): string | null {
  const at = session.films.findIndex((film) => film.id === id);
  const inOrder = [...session.films.slice(at + 1), ...session.films.slice(0, at + 1)];
  return inOrder.find((film) => isOpen(film) && film.id !== id)?.id ?? null;
}
