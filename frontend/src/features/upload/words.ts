/** What is said of an upload once nothing of it is under way from here. Pure. */
import { plural, t } from "@lingui/core/macro";

import { formatCount } from "@/ui/format";

import type { FileRow, RowStatus } from "./rows";

const UNSETTLED: readonly RowStatus[] = ["waiting", "sending", "received", "unpacking"];

export function isSettled({ status }: FileRow): boolean {
  return !UNSETTLED.includes(status);
}

/** What never left this tab is told apart from what the server has decided on. */
export function settledWords(rows: readonly FileRow[]): string {
  const failed = rows.filter(({ status }) => status === "failed").length;
  const cancelled = rows.filter(({ status }) => status === "cancelled").length;
  const unsent = failed + cancelled;
  if (rows.length > 0 && unsent === rows.length) {
    return failed === 0 ? t`Cancelled: no file was sent.` : t`No file was sent.`;
  }
  const told = [failedWords(failed), cancelledWords(cancelled)].filter((each) => each !== "");
  const sent = rows.length - unsent;
  const settled = rows.filter(isSettled).length - unsent;
  if (told.length === 0) {
    return settled === sent
      ? t`All files are settled.`
      : t`All files are sent; ${formatCount(settled)} of ${formatCount(sent)} are settled.`;
  }
  const others =
    settled === sent
      ? t`All others are settled.`
      : t`Of the others, ${formatCount(settled)} of ${formatCount(sent)} are settled.`;
  return [...told, others].join(" ");
}

function failedWords(count: number): string {
  if (count === 0) return "";
  return plural(count, { one: "# file was not sent.", other: "# files were not sent." });
}

function cancelledWords(count: number): string {
  if (count === 0) return "";
  return plural(count, { one: "# file was cancelled.", other: "# files were cancelled." });
}
