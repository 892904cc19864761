/** Questions between this reader and colleagues, beside the film. */
import { t } from "@lingui/core/macro";
import { Lock, MessageCircleQuestionMark, MessageCircleReply } from "lucide-react";
import { useEffect, type FormEvent } from "react";

import type { CaseDetail, Question } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatWhen } from "@/ui/format";

import { MAX_QUESTION_CHARACTERS, sendsForm } from "./AskDialog";
import { forgetDrafts } from "./drafts";
import { isHeld, useQuestions, useReply, useReplyText } from "./useQuestions";
import { errorWords } from "./YourRead";

interface CardProps {
  readonly detail: CaseDetail;
  readonly question: Question;
}

function Held({ children }: { children: string }) {
  return (
    <p className="question-held">
      <Lock size={13} aria-hidden />
      {children}
    </p>
  );
}

function ReplyForm({ detail, question }: CardProps) {
  const [text, onText] = useReplyText(question.id);
  const reply = useReply(detail.id, question.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "" && !reply.isPending) reply.mutate(text.trim());
  };
  const asker = question.asker.display_name;
  const problem = errorWords(reply.error);
  return (
    <form className="question-form" onSubmit={submit} noValidate>
      <textarea
        className="input"
        rows={2}
        aria-label={t`Your reply to ${asker}`}
        maxLength={MAX_QUESTION_CHARACTERS}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={sendsForm}
      />
      <div className="question-send">
        <span className="muted">{t`It cannot be changed later.`}</span>
        <Button
          small
          type="submit"
          disabled={text.trim() === "" || reply.isPending}
          aria-keyshortcuts="Control+Enter"
        >
          {reply.isPending ? t`Replying…` : t`Reply`}
        </Button>
      </div>
      {problem === null ? null : (
        <p role="alert" className="step-error">
          {t`Not sent. ${problem}`}
        </p>
      )}
    </form>
  );
}

/** The colleague's side: the note, as far as it may be shown, and the reply. */
function OfMe({ detail, question }: CardProps) {
  const { asker, note, reply, asked_at } = question;
  const who = asker.display_name;
  const isReplied = reply !== null;
  useEffect(() => {
    if (isReplied) forgetDrafts(question.id);
  }, [isReplied, question.id]);
  return (
    <li className="question" data-open={reply === null}>
      <h2>
        <MessageCircleQuestionMark size={15} aria-hidden />
        {t`${who} asks you`}
        <time dateTime={asked_at}>{formatWhen(asked_at)}</time>
      </h2>
      {note === null ? (
        <Held>{t`The note is shown once you have sealed your own answer.`}</Held>
      ) : (
        <p className="question-words">{note === "" ? t`Please look at this case.` : note}</p>
      )}
      {reply === null ? (
        <ReplyForm detail={detail} question={question} />
      ) : (
        <p className="question-words question-reply">
          <span className="muted">{t`You replied ${formatWhen(reply.replied_at)}`}</span>
          {reply.text}
        </p>
      )}
    </li>
  );
}

function ByMe({ detail, question }: CardProps) {
  const { asked, note, reply, asked_at } = question;
  return (
    <li className="question">
      <h2>
        <MessageCircleReply size={15} aria-hidden />
        {t`You asked ${asked.display_name}`}
        <time dateTime={asked_at}>{formatWhen(asked_at)}</time>
      </h2>
      {note === null || note === "" ? null : <p className="question-words">{note}</p>}
      {reply === null ? (
        isHeld(detail) ? (
          <Held>{t`A reply is shown once you have sealed your own answer.`}</Held>
        ) : (
          <p className="muted">{t`No reply yet.`}</p>
        )
      ) : (
        <p className="question-words question-reply">
          <span className="muted">
            {t`${asked.display_name} replied ${formatWhen(reply.replied_at)}`}
          </span>
          {reply.text}
        </p>
      )}
    </li>
  );
}

/** What waits for this reader's reply, and what was replied. */
export function AskedOfMe({ detail }: { detail: CaseDetail }) {
  const { query, ofMe } = useQuestions(detail);
  if (query.isError && query.data === undefined) {
    return (
      <p role="alert" className="step step-error">
        {t`Questions between colleagues could not be loaded.`} {errorWords(query.error)}
      </p>
    );
  }
  if (ofMe.length === 0) return null;
  return (
    <section className="step questions" aria-label={t`Asked of you`}>
      <ul>
        {ofMe.map((question) => (
          <OfMe key={question.id} detail={detail} question={question} />
        ))}
      </ul>
    </section>
  );
}

/** What this reader asked, with the replies that may be shown. */
export function AskedByMe({ detail }: { detail: CaseDetail }) {
  const { byMe } = useQuestions(detail);
  if (byMe.length === 0) return null;
  return (
    <section className="step questions" aria-label={t`Your questions`}>
      <ul>
        {byMe.map((question) => (
          <ByMe key={question.id} detail={detail} question={question} />
        ))}
      </ul>
    </section>
  );
}
