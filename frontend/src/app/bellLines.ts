/** What stands under the bell: questions that wait, then what happened, in plain words. Pure. */
import { plural, t } from "@lingui/core/macro";
import type { AskedOf, Notification } from "@/api/types";
import { formatCount, formatPatientName } from "@/ui/format";

export interface BellLine {
  readonly key: string;
  readonly kind: Notification["kind"];
  readonly words: string;
  /** The case by name; empty where there is none. */
  readonly about: string;
  readonly at: string;
  readonly to: string;
  readonly isRead: boolean;
  /** The notification to mark; null for a question whose notification is gone. */
  readonly id: string | null;
}

type CaseName = NonNullable<Notification["case"]>;

function caseWords({ patient_name, modality, description }: CaseName): string {
  return [formatPatientName(patient_name), description, modality]
    .filter((part) => part !== "")
    .join(" · ");
}

export function wordsOf({ kind, actor, count, quarantined }: Notification): string {
  const who = actor?.display_name ?? t`A colleague`;
  switch (kind) {
    case "assigned":
      return t`${who} gave you ${plural(count, { one: "a case", other: "# cases" })}`;
    case "asked":
      return t`${who} asks you`;
    case "replied":
      return t`${who} replied to you`;
    case "upload_finished":
      return quarantined === 0
        ? t`Your upload is through: ${plural(count, { one: "# file", other: "# files" })}`
        : t`Your upload is through: ${formatCount(quarantined)} of ${plural(count, { one: "# file", other: "# files" })} in quarantine`;
    case "upload_quarantined":
      return t`Your upload: ${formatCount(quarantined)} of ${plural(count, { one: "# file", other: "# files" })} in quarantine`;
  }
}

export function placeOf({ kind, case: about, count }: Notification): string {
  if (kind === "upload_finished" || kind === "upload_quarantined") return "/upload";
  if (about === null) return "/worklists";
  return kind === "assigned" && count > 1
    ? `/worklists/${about.worklist}?mine=true`
    : `/cases/${about.id}`;
}

function aboutOf({ kind, case: about, count }: Notification): string {
  if (about === null) return "";
  return kind === "assigned" && count > 1 ? "" : caseWords(about);
}

/** Through or not: that files are in quarantine is what to look at. */
function hasQuarantine({ kind, quarantined }: Notification): boolean {
  return kind === "upload_finished" && quarantined > 0;
}

function isOf(question: AskedOf, line: Notification): boolean {
  return (
    line.kind === "asked" &&
    line.case?.id === question.case.id &&
    line.actor?.id === question.asker.id
  );
}

/** A question that waits stands once, above, also when its notification is long read. */
export function bellLines(
  notifications: readonly Notification[],
  asked: readonly AskedOf[],
): { waiting: BellLine[]; others: BellLine[] } {
  const waiting = asked.map((question): BellLine => {
    const line = notifications.find((each) => isOf(question, each));
    const who = question.asker.display_name;
    return {
      key: question.id,
      kind: "asked",
      words: t`${who} asks you`,
      about: caseWords(question.case),
      at: question.asked_at,
      to: `/cases/${question.case.id}`,
      isRead: line?.is_read ?? true,
      id: line?.id ?? null,
    };
  });
  const above = new Set(waiting.map(({ id }) => id));
  const others = notifications
    .filter(({ id }) => !above.has(id))
    .map((line): BellLine => ({
      key: line.id,
      kind: hasQuarantine(line) ? "upload_quarantined" : line.kind,
      words: wordsOf(line),
      about: aboutOf(line),
      at: line.told_at,
      to: placeOf(line),
      isRead: line.is_read,
      id: line.id,
    }));
  return { waiting, others };
}
