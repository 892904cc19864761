/** What the page does with the server: seal, file, go to the next case. */
import { t } from "@lingui/core/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useNavigate } from "react-router";

import { api, ApiError } from "@/api/client";
import { caseQuery, keys } from "@/api/queries";
import type {
  CaseDetail,
  CaseEvidence,
  NextCase,
  SealOut,
  VerdictIn,
  VerdictOut,
} from "@/api/types";
import { films } from "@/imaging/cornerstone";
import { announce } from "@/ui/announce";
import { tell } from "@/ui/toast";

import { forgetDrafts } from "./drafts";
import { decisionBody, isSameAnswer, sealBody, type Drafts } from "./machine";
import { sayDone } from "./words";

/** The next case of the worklist, its films fetched ahead. */
export function useNextCase(caseId: string) {
  const client = useQueryClient();
  const next = useQuery({
    queryKey: [...keys.case(caseId), "next"],
    queryFn: ({ signal }) => api<NextCase | null>(`/cases/${caseId}/next`, { signal }),
    staleTime: 30_000,
  });
  const nextId = next.data?.case_id ?? null;
  useEffect(() => {
    if (nextId === null) return;
    let left = false;
    // Ahead of time only; the page itself reports what fails when it is opened.
    api<CaseDetail>(`/cases/${nextId}`, { query: { ahead: true } })
      .then((detail) => {
        // As old as can be: the page shows it at once, and asks for the case it opens.
        if (client.getQueryData(keys.case(nextId)) === undefined) {
          client.setQueryData<CaseDetail>(keys.case(nextId), detail, { updatedAt: 1 });
        }
        if (!left) films.prefetch(detail.images.map((image) => image.id));
      })
      .catch(() => undefined);
    return () => {
      left = true;
    };
  }, [client, nextId]);
  return next;
}

/**
 * The answer to a call that was sent once more because its answer was lost: what the first one
 * did, if that is what was entered. Throws the refusal where it is not.
 */
async function answerOfBefore<Answer>(
  refusal: unknown,
  code: string,
  find: () => Promise<Answer | null>,
): Promise<Answer> {
  if (!(refusal instanceof ApiError) || refusal.code !== code) throw refusal;
  const found = await find().catch(() => null);
  if (found === null) throw refusal;
  return found;
}

export function useSeal(caseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (drafts: Drafts) => {
      const body = sealBody(drafts.read);
      return api<SealOut>(`/cases/${caseId}/seal`, { method: "POST", body }).catch(
        (refusal: unknown) =>
          answerOfBefore(refusal, "already_sealed", async () => {
            const { first_read: read } = await client.fetchQuery(freshCase(caseId));
            return read !== null && read.answer === body.answer && isSameAnswer(read, body)
              ? { read, log_position: read.log_position }
              : null;
          }),
      );
    },
    onSuccess: ({ read, log_position }) => {
      client.setQueryData<CaseDetail>(keys.case(caseId), (known) =>
        known ? { ...known, first_read: read, read_phase: "sealed" } : known,
      );
      announce(sayDone(t`Sealed`, read.sealed_at, log_position));
      void client.invalidateQueries({ queryKey: keys.questions(caseId) });
      void client.invalidateQueries({ queryKey: keys.case(caseId), exact: true });
    },
    onError: (error) => {
      // Sealed from another tab, or the lanes started again: show what is true now, and say
      // that it is not what was just entered.
      if (error instanceof ApiError && error.status === 409) {
        tell(t`Your answer was not sealed. ${error.detail}`, "problem");
        void client.invalidateQueries({ queryKey: keys.case(caseId), exact: true });
      }
    },
  });
}

const freshCase = (caseId: string) => ({ ...caseQuery(caseId), staleTime: 0 });

export function useFile(detail: CaseDetail, nextId: string | null) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const caseId = detail.id;
  // Who has gone elsewhere while the verdict travelled stays there.
  const isHere = useRef(false);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const goOn = useCallback(() => {
    if (nextId !== null && isHere.current) void navigate(`/cases/${nextId}`);
  }, [navigate, nextId]);
  return useMutation({
    mutationFn: ({ drafts, evidence }: { drafts: Drafts; evidence: CaseEvidence }) => {
      const first = detail.first_read?.answer ?? "cannot_tell";
      const body: VerdictIn = {
        ...decisionBody(drafts.verdict, first, evidence.flagged),
        opinion_sha256: evidence.opinion_sha256,
      };
      return api<VerdictOut>(`/cases/${caseId}/verdict`, { method: "POST", body }).catch(
        (refusal: unknown) =>
          answerOfBefore(refusal, "already_decided", async () => {
            const { verdict } = await client.fetchQuery(freshCase(caseId));
            const isSame =
              verdict?.decision === body.decision &&
              verdict.flagged === evidence.flagged &&
              isSameAnswer(verdict, body);
            return isSame ? verdict : null;
          }),
      );
    },
    onSuccess: (verdict) => {
      forgetDrafts(caseId);
      client.setQueryData<CaseDetail>(keys.case(caseId), (known) =>
        known ? { ...known, verdict, read_phase: "done" } : known,
      );
      void client.invalidateQueries({ queryKey: keys.case(caseId), exact: true });
      void client.invalidateQueries({ queryKey: keys.allCases });
      tell(sayDone(t`Filed`, verdict.filed_at, verdict.log_position));
      goOn();
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 409) {
        tell(t`Your verdict was not filed. ${error.detail}`, "problem");
        void client.invalidateQueries({ queryKey: keys.case(caseId), exact: true });
        void client.invalidateQueries({ queryKey: keys.evidence(caseId) });
      }
    },
  });
}

export function useSealWords(sealed: SealOut | undefined, detail: CaseDetail): string {
  const read = sealed?.read ?? detail.first_read;
  return read ? sayDone(t`Sealed`, read.sealed_at, read.log_position) : "";
}
