/** What practice does with the server: begin, answer, end. */
import { t } from "@lingui/core/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import type { PracticeAnswerIn, PracticeFilm, PracticeSession } from "@/api/types";
import type { AnswerMarks } from "@/answering/AnswerFields";
import { filmLiesAt } from "@/imaging";
import { tell } from "@/ui/toast";

/** Practice films are no images of a case, and the viewer fetches them where they lie. */
export function placeFilms(ids: readonly string[]): void {
  for (const id of ids) filmLiesAt(id, `/practice/films/${id}/image`);
}

export function useStart() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (films: number) =>
      api<PracticeSession>("/practice/sessions", { method: "POST", body: { films } }),
    onSuccess: (session) => {
      client.setQueryData(keys.practiceSession(session.id), session);
      void client.invalidateQueries({ queryKey: keys.practice, exact: true });
      const first = session.films[0];
      if (first) void navigate(`/practice/${first.id}`);
    },
    onError: (error) => {
      // Begun in another tab: show that one.
      if (error instanceof ApiError && error.status === 409) {
        void client.invalidateQueries({ queryKey: keys.practice, exact: true });
      }
    },
  });
}

export function useEnd() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      api<PracticeSession>(`/practice/sessions/${id}/end`, { method: "POST" }),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.practice }),
  });
}

function bodyOf({ answer, confidence, reasonCodes, regions }: AnswerMarks): PracticeAnswerIn {
  if (answer === null || confidence === null) throw new Error("The answer is not whole.");
  return { answer, confidence, reason_codes: [...reasonCodes], regions: [...regions] };
}

export function useAnswer(film: PracticeFilm) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: AnswerMarks) =>
      api<PracticeFilm>(`/practice/films/${film.id}/answer`, {
        method: "POST",
        body: bodyOf(draft),
      }),
    onSuccess: (told) => {
      client.setQueryData(keys.practiceFilm(film.id), told);
      void client.invalidateQueries({ queryKey: keys.practiceSession(film.session_id) });
      void client.invalidateQueries({ queryKey: keys.practice, exact: true });
      void client.invalidateQueries({ queryKey: keys.practiceProgress });
    },
    onError: (error) => {
      // Answered in another tab, or the practice was ended there.
      if (error instanceof ApiError && error.status === 409) {
        tell(t`Your answer was not taken. ${error.detail}`, "problem");
        void client.invalidateQueries({ queryKey: keys.practice });
      }
    },
  });
}
