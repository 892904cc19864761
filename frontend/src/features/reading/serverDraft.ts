/** One draft of a case on the server, saved as long as the page is there. */
import { api } from "@/api/client";
import type { DraftIn, DraftOut, DraftsOut } from "@/api/types";

import type { Autosave, Ports } from "./autosave";

export function draftPorts<Draft>(
  caseId: string,
  step: keyof DraftsOut,
  bodyOf: (draft: Draft, revision: number) => DraftIn,
  draftOf: (kept: DraftOut) => Draft,
): Pick<Ports<Draft>, "load" | "save"> {
  return {
    load: async () => {
      const kept = (await api<DraftsOut>(`/cases/${caseId}/drafts`))[step];
      return kept && { ...kept, draft: draftOf(kept) };
    },
    save: (draft, revision, isLeaving) =>
      api<DraftOut>(`/cases/${caseId}/drafts/${step}`, {
        method: "PUT",
        body: bodyOf(draft, revision),
        keepalive: isLeaving,
      }),
  };
}

/** Start it; returns what ends it, with what is not saved sent last. */
export function runWithPage<Draft>(autosave: Autosave<Draft>): () => void {
  autosave.start();
  const onHide = () => autosave.leave(true);
  window.addEventListener("online", autosave.retryNow);
  window.addEventListener("pagehide", onHide);
  return () => {
    window.removeEventListener("online", autosave.retryNow);
    window.removeEventListener("pagehide", onHide);
    autosave.leave(false);
  };
}
