/** What this reader asked or was asked about a case. */
import { t } from "@lingui/core/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "@/api/client";
import { keys, questionsQuery } from "@/api/queries";
import { useMe } from "@/api/session";
import type { CaseDetail, Question, QuestionIn, ReplyOut } from "@/api/types";
import { announce } from "@/ui/announce";

import { forgetDrafts, keepInTab, loadFromTab } from "./drafts";
import { sayDone } from "./words";

const NONE: readonly Question[] = [];

/** Whether a reply would be held back: on a blind worklist until the own answer is sealed. */
export function isHeld({ worklist, first_read }: CaseDetail): boolean {
  return worklist.mode === "blind_first" && first_read === null;
}

export function useQuestions(detail: CaseDetail) {
  const me = useMe();
  const query = useQuery(questionsQuery(detail.id));
  const all = query.data ?? NONE;
  return {
    query,
    byMe: all.filter(({ asker }) => asker.id === me.id),
    ofMe: all.filter(({ asked }) => asked.id === me.id),
  };
}

export function useAsk(caseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: QuestionIn) =>
      api<Question>(`/cases/${caseId}/questions`, { method: "POST", body }),
    onSuccess: ({ asked, asked_at, log_position }) => {
      announce(sayDone(t`Asked ${asked.display_name}`, asked_at, log_position));
      void client.invalidateQueries({ queryKey: keys.questions(caseId) });
    },
  });
}

interface KeptReply {
  readonly text: string;
}

/** A reply that is being written; it stays in this tab until it is sent. */
export function useReplyText(questionId: string) {
  const userId = useMe().id;
  const name = `reply.${questionId}`;
  const [text, setText] = useState(() => loadFromTab<KeptReply>(userId, name)?.text ?? "");
  const onText = (words: string) => {
    setText(words);
    if (words === "") forgetDrafts(questionId);
    else keepInTab(userId, name, { text: words } satisfies KeptReply);
  };
  return [text, onText] as const;
}

export function useReply(caseId: string, questionId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (text: string) =>
      api<ReplyOut>(`/cases/${caseId}/questions/${questionId}/reply`, {
        method: "POST",
        body: { text },
      }),
    onSuccess: ({ replied_at, log_position }) => {
      announce(sayDone(t`Replied`, replied_at, log_position));
    },
    // Refused: it was answered in another tab, and that is what is to be seen.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.allQuestions });
      void client.invalidateQueries({ queryKey: keys.notifications });
    },
  });
}
