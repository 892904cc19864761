import { plural, t } from "@lingui/core/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "@/api/client";
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

function tellResult({ items }: BulkOut, done: Done, onUndo?: () => void): void {
  const refused = items.filter(({ code }) => code !== "");
  const count = items.length - refused.length;
  const undo =
    onUndo === undefined || count === 0 ? undefined : { label: t`Undo`, run: onUndo };
  if (count > 0) tell(done(countCases(count)), "info", undo);
  if (refused.length > 0) {
    const reasons = [...new Set(refused.map(({ detail }) => detail))].join(" ");
    tell(t`${countCases(refused.length)} left as before: ${reasons}`, "problem");
  }
}

/** Changes many cases at once, says how each ended, and can undo it. */
export function useBulk(slug: string, list: CaseList) {
  const client = useQueryClient();
  const send = async (body: Partial<BulkIn>): Promise<BulkOut> => {
    const answer = await api<BulkOut>(`/worklists/${slug}/cases/bulk`, {
      method: "POST",
      body,
    });
    for (const { id } of answer.items) list.noteChange(id);
    void client.invalidateQueries({ queryKey: keys.worklists });
    return answer;
  };
  const onError = (error: Error) => tell(error.message, "problem");
  const undo = useMutation({
    mutationFn: (answers: readonly BulkOut[]) => Promise.all(answers.map(undoOf).map(send)),
    onSuccess: (answers) => {
      tellResult(
        { items: answers.flatMap(({ items }) => items) },
        (cases) => t`${cases} put back as before.`,
      );
    },
    onError,
  });
  return useMutation({
    mutationFn: async ({ change, ids }: { change: BulkChange; ids: readonly string[] }) => {
      const answers: BulkOut[] = [];
      for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
        answers.push(await send(bodyOf(change, ids.slice(from, from + ROWS_AT_ONCE))));
      }
      return answers;
    },
    onSuccess: (answers, { change }) => {
      const items = answers.flatMap((answer) => answer.items);
      tellResult({ items }, change.done, () => undo.mutate(answers));
    },
    onError,
  });
}
