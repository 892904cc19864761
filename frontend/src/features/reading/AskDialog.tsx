/** Asks a colleague about the case: whom, and what. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type KeyboardEvent } from "react";

import { peopleQuery } from "@/api/queries";
import { useMe } from "@/api/session";
import type { CaseDetail } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

import { isHeld, useAsk } from "./useQuestions";
import { errorWords } from "./YourRead";

/** The server refuses more (apps/reading/services/asking.py). */
export const MAX_QUESTION_CHARACTERS = 1000;

/** Ctrl or Cmd with Enter sends from within the text. */
export function sendsForm(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

function whatHappens(detail: CaseDetail): string {
  if (isHeld(detail)) {
    return t`A reply is held back until you have sealed your own answer, so that it cannot sway it.`;
  }
  return detail.worklist.mode === "blind_first"
    ? t`You know more than the film: your note is shown once your colleague has sealed an answer.`
    : t`Your colleague sees the question at once.`;
}

export function AskDialog({ detail, onClose }: { detail: CaseDetail; onClose: () => void }) {
  const me = useMe();
  const people = useQuery(peopleQuery(detail.worklist.slug));
  const ask = useAsk(detail.id);
  const [personId, setPersonId] = useState("");
  const [note, setNote] = useState("");
  const errorId = useId();
  const colleagues = (people.data ?? []).filter(({ id }) => id !== me.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (personId === "" || ask.isPending) return;
    ask.mutate({ person_id: personId, note: note.trim() }, { onSuccess: onClose });
  };
  const problem = errorWords(ask.error ?? people.error);
  const isAlone = people.isSuccess && colleagues.length === 0;
  return (
    <Dialog title={t`Ask a colleague`} onClose={onClose}>
      <form className="dialog-body reason-form" onSubmit={submit} noValidate>
        <label className="field">
          <span className="step-label">{t`Whom`}</span>
          <select
            className="input"
            value={personId}
            aria-describedby={errorId}
            onChange={(event) => setPersonId(event.target.value)}
          >
            <option value="">
              {people.isPending ? t`Loading your colleagues…` : t`Choose a colleague`}
            </option>
            {colleagues.map(({ id, display_name }) => (
              <option key={id} value={id}>
                {display_name}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span className="step-label">{t`Note (optional)`}</span>
          <textarea
            className="input"
            rows={4}
            maxLength={MAX_QUESTION_CHARACTERS}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={sendsForm}
          />
        </label>
        <p className="muted">
          {whatHappens(detail)} {t`That you asked goes on the log; the words do not.`}
        </p>
        <p id={errorId} role="alert" className="step-error">
          {isAlone ? t`Nobody else reads cases at this site.` : problem}
        </p>
        <div className="box-actions">
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button
            variant="primary"
            type="submit"
            disabled={ask.isPending || personId === ""}
            aria-keyshortcuts="Control+Enter"
          >
            {t`Ask`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
