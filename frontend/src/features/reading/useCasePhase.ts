/** Where the reader stands, with the evidence as soon as it may be asked for. */
import { useQuery } from "@tanstack/react-query";
import { useReducer } from "react";

import { evidenceQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { CaseDetail } from "@/api/types";

import { asksEvidence, intentReducer, NO_INTENT, phaseOf } from "./phases";

export function useCasePhase(detail: CaseDetail) {
  const me = useMe();
  const [intent, onIntent] = useReducer(intentReducer, NO_INTENT);
  const informed = detail.worklist.mode === "triage";
  const standing = { detail, mayAdjudicate: may(me, "adjudicate"), intent };
  // Whether to ask does not depend on whether the answer is here.
  const wanted = asksEvidence(
    phaseOf({ ...standing, hasEvidence: false }),
    informed,
    detail.state === "analysing",
  );
  const evidence = useQuery({ ...evidenceQuery(detail.id), enabled: wanted });
  const phase = phaseOf({ ...standing, hasEvidence: evidence.data !== undefined });
  return { phase, informed, intent, onIntent, evidence, wanted };
}

export type CasePhase = ReturnType<typeof useCasePhase>;
