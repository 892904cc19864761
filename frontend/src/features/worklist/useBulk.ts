import { plural, t } from "@lingui/core/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ApiError, isRefusal } from "@/api/client";
import { keys } from "@/api/queries";
import type { BulkIn, BulkOut } from "@/api/types";
import { tell } from "@/ui/toast";

import type { CaseList } from "./caseList";

/** Rows of one request: what the server takes at once. */
const ROWS_AT_ONCE = 200;

/** The sentence that says it, about "3 cases". */
type Done = (cases: string) => string;

export type BulkChange =
  | { action: "assign"; personId: string; done: Done }
  | { action: "release"; done: Done }
  | { action: "prioritise"; priority: "routine" | "urgent" | "stat"; done: Done };

function bodyOf(change: BulkChange, ids: readonly string[]): Partial<BulkIn> {
  const body = { action: change.action, ids: [...ids] };
  if (change.action === "assign") return { ...body, person_id: change.personId };
  return change.action === "prioritise" ? { ...body, priority: change.priority } : body;
}

/** What undoes a change: each row as it stood, unless it has changed since. */
function undoOf({ items }: BulkOut): Partial<BulkIn> {
  const standings = items.flatMap(({ id, before, after }) =>
    before === null || after === null || before.version === after.version
      ? []
      : [{ id, ...before, version: after.version }],
  );
  return { action: "restore", standings };
}

function countCases(count: number): string {
  return plural(count, { one: "# case", other: "# cases" });
}

interface Sent {
  readonly answers: readonly BulkOut[];
  /** How many rows were not answered for, and why; null where all were. */
  readonly failure: { readonly count: number; readonly error: Error } | null;
}

/** Part after part: what was done before one failed is done, and is told. */
async function sendParts(
  parts: readonly Partial<BulkIn>[],
  send: (body: Partial<BulkIn>) => Promise<BulkOut>,
): Promise<Sent> {
  const answers: BulkOut[] = [];
  for (const part of parts) {
    try {
      answers.push(await send(part));
    } catch (error) {
      if (!(error instanceof ApiError) || answers.length === 0) throw error;
      const left = parts.slice(answers.length);
      const count = left.reduce((sum, one) => sum + rowsOf(one).length, 0);
      return { answers, failure: { count, error } };
    }
  }
  return { answers, failure: null };
}

function rowsOf({ ids, standings }: Partial<BulkIn>): readonly string[] {
  return [...(ids ?? []), ...(standings ?? []).map(({ id }) => id)];
}

function tellSent({ answers, failure }: Sent, done: Done, onUndo?: () => void): void {
  tellResult({ items: answers.flatMap(({ items }) => items) }, done, onUndo);
  if (failure === null) return;
  const cases = countCases(failure.count);
  const why = failure.error.message;
  tell(
    isRefusal(failure.error)
      ? t`${cases} left as before: ${why}`
      : t`It is not certain that ${cases} were changed: ${why}`,
    "problem",
  );
}

function tellResult({ items }: BulkOut, done: Done, onUndo?: () => void): void {
  const refused = items.filter(({ code }) => code !== "");
  const count = items.length - refused.length;
  const undo =
    onUndo === undefined || count === 0 ? undefined : { label: t`Undo`, run: onUndo };
  if (count > 0) tell(done(countCases(count)), "info", undo);
  if (refused.length > 0) {
    const why = [...new Set(refused.map(({ detail }) => detail))].join(" ");
    const cases = countCases(refused.length);
    tell(t`${cases} left as before: ${why}`, "problem");
  }
}

/** Changes many cases at once, says how each ended, and can undo it. */
export function useBulk(slug: string, list: CaseList) {
  const client = useQueryClient();
  const send = async (body: Partial<BulkIn>): Promise<BulkOut> => {
    try {
      return await api<BulkOut>(`/worklists/${slug}/cases/bulk`, { method: "POST", body });
    } finally {
      // Also where no answer came: the server may have done it.
      for (const id of rowsOf(body)) list.noteChange(id);
      void client.invalidateQueries({ queryKey: keys.worklists });
    }
  };
  const onError = (error: Error) => tell(error.message, "problem");
  const undo = useMutation({
    mutationFn: (answers: readonly BulkOut[]) => sendParts(answers.map(undoOf), send),
    onSuccess: (sent) => tellSent(sent, (cases) => t`${cases} put back as before.`),
    onError,
  });
  return useMutation({
    mutationFn: ({ change, ids }: { change: BulkChange; ids: readonly string[] }) => {
      const parts = Array.from({ length: Math.ceil(ids.length / ROWS_AT_ONCE) }, (_, part) =>
        bodyOf(change, ids.slice(part * ROWS_AT_ONCE, (part + 1) * ROWS_AT_ONCE)),
      );
      return sendParts(parts, send);
    },
    onSuccess: (sent, { change }) =>
      tellSent(sent, change.done, () => undo.mutate(sent.answers)),
    onError,
  });
}
