/** What comes after a verdict: amending it, settling readers who differ, re-opening. */
import { t } from "@lingui/core/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type {
  AmendIn,
  CaseDetail,
  ReopeningOut,
  RulingIn,
  RulingOut,
  VerdictOut,
} from "@/api/types";
import { tell } from "@/ui/toast";

import { decisionBody, type VerdictDraft } from "./machine";
import { sayDone } from "./words";

function useAfter(caseId: string) {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: keys.case(caseId) });
    void client.invalidateQueries({ queryKey: keys.allCases });
    void client.invalidateQueries({ queryKey: keys.worklists });
  };
}

interface Amendment {
  readonly draft: VerdictDraft;
  readonly reason: string;
}

export function useAmend(detail: CaseDetail, flagged: boolean) {
  const after = useAfter(detail.id);
  return useMutation({
    mutationFn: ({ draft, reason }: Amendment) => {
      const first = detail.first_read?.answer ?? "cannot_tell";
      const body: AmendIn = {
        ...decisionBody(draft, first, flagged),
        replaces: detail.verdict?.id ?? "",
        reason: reason.trim(),
      };
      return api<VerdictOut>(`/cases/${detail.id}/verdict/amend`, { method: "POST", body });
    },
    onSuccess: (verdict) => {
      tell(sayDone(t`Amended`, verdict.filed_at, verdict.log_position));
      after();
    },
    onError: after,
  });
}

export function useRuling(caseId: string) {
  const after = useAfter(caseId);
  return useMutation({
    mutationFn: (body: RulingIn) =>
      api<RulingOut>(`/cases/${caseId}/adjudication`, { method: "POST", body }),
    onSuccess: (ruling) => {
      tell(sayDone(t`Settled`, ruling.filed_at, ruling.log_position));
      after();
    },
    onError: after,
  });
}

export function useReopen(caseId: string) {
  const after = useAfter(caseId);
  return useMutation({
    mutationFn: (reason: string) =>
      api<ReopeningOut>(`/cases/${caseId}/reopen`, { method: "POST", body: { reason } }),
    onSuccess: (row) => {
      tell(sayDone(t`Re-opened`, row.reopened_at, row.log_position));
      after();
    },
  });
}
