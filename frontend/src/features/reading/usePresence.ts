/** Who else has the case open, and whether this reader still holds it. */
import { t } from "@lingui/core/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import type { CaseDetail, CaseRow, Person, PresenceOut } from "@/api/types";

import { nothingEntered, type Drafts } from "./machine";

/** The server shows a page for 75 s after its last word. */
const BEAT_MS = 30_000;
const NOBODY: readonly Person[] = [];

/** What there is to say of the claim; mine and never claimed need no words. */
export type ClaimNotice =
  | { readonly kind: "quiet" }
  | { readonly kind: "other"; readonly holder: Person; readonly wasMine: boolean }
  | { readonly kind: "free"; readonly wasMine: boolean };

export interface Company {
  readonly people: readonly Person[];
  readonly notice: ClaimNotice;
  readonly problem: string | null;
  readonly onClaim: () => void;
}

/** A random UUID; `crypto.randomUUID` is missing where a hospital serves plain HTTP. */
export function newTabId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Whether this reader's first answer is what the case waits for. */
export function isToRead({ first_read, state }: CaseDetail): boolean {
  return first_read === null && ["ready", "in_read", "second_read"].includes(state);
}

/**
 * Report the page while it is looked at, and its end. The server takes nothing more from a tab
 * that was left: a page that is shown again, as from the browser's cache, is another one.
 */
function useBeat(caseId: string, drafts: Drafts) {
  const [tab, setTab] = useState(newTabId);
  const path = `/cases/${caseId}/presence/${tab}`;
  const query = useQuery({
    queryKey: keys.presence(caseId, tab),
    queryFn: ({ signal }) => api<PresenceOut>(path, { method: "PUT", signal }),
    refetchInterval: BEAT_MS,
    refetchOnWindowFocus: "always",
    staleTime: 0,
    gcTime: 0,
  });
  const hasEntries = useRef(false);
  useEffect(() => {
    hasEntries.current = !nothingEntered(drafts);
  }, [drafts]);
  const left = useRef("");
  useEffect(() => {
    if (left.current === tab) {
      setTab(newTabId());
      return;
    }
    const leave = () => {
      if (left.current === tab) return;
      left.current = tab;
      // The draft travels beside this and may arrive later.
      const kept = hasEntries.current ? { keeps_claim: true } : {};
      // Nobody is left to be told: the server forgets a page that says nothing.
      api(path, { method: "DELETE", query: kept, keepalive: true }).catch(() => undefined);
    };
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (persisted) setTab(newTabId());
    };
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", onShow);
    return () => {
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("pageshow", onShow);
      leave();
    };
  }, [tab, path]);
  return { tab, query };
}

function noticeOf(
  detail: CaseDetail,
  present: PresenceOut | undefined,
  meId: string,
  wasMine: boolean,
): ClaimNotice {
  const holder = present === undefined ? detail.claimed_by : present.claimed_by;
  if (!isToRead(detail) || holder?.id === meId) return { kind: "quiet" };
  if (holder !== null) return { kind: "other", holder, wasMine };
  return present === undefined ? { kind: "quiet" } : { kind: "free", wasMine };
}

/**
 * Take the case when the page is opened, so that no colleague reads it at the same time.
 * Only then: a page that took an ended claim back would do so unseen by who left it open.
 */
export function usePresence(detail: CaseDetail, drafts: Drafts): Company {
  const client = useQueryClient();
  const me = useMe();
  const id = detail.id;
  const { tab, query } = useBeat(id, drafts);
  const present = query.data;
  const claim = useMutation({
    // With the tab: leaving it ends the claim, also where this is the slower message.
    mutationFn: () => api<CaseRow>(`/cases/${id}/claim`, { method: "POST", query: { tab } }),
    onSuccess: ({ claimed_by, claim_expires_at }) => {
      client.setQueryData<PresenceOut>(keys.presence(id, tab), (known) =>
        known ? { ...known, claimed_by, claim_expires_at } : known,
      );
      void client.invalidateQueries({ queryKey: keys.case(id), exact: true });
    },
    onError: () => void client.invalidateQueries({ queryKey: keys.presence(id, tab) }),
  });

  const toRead = isToRead(detail);
  const holderId = present?.claimed_by?.id ?? null;
  const [wasHeld, setWasHeld] = useState(false);
  const [wasMine, setWasMine] = useState(false);
  if (holderId !== null && !wasHeld) setWasHeld(true);
  if (holderId === me.id && !wasMine) setWasMine(true);

  const { mutate, reset, isError } = claim;
  // Who holds it is the better answer, and a refusal is no news once that claim has ended.
  useEffect(() => {
    if (isError && holderId !== null) reset();
  }, [isError, holderId, reset]);
  const asked = useRef(false);
  const isKnown = present !== undefined;
  useEffect(() => {
    if (asked.current || !isKnown || !toRead) return;
    asked.current = true;
    if (holderId === null) mutate();
  }, [isKnown, toRead, holderId, mutate]);

  // While the page asks by itself there is nothing to say and nothing to press.
  const isAsking = claim.isPending || (claim.isIdle && !wasHeld);
  const notice = noticeOf(detail, present, me.id, wasMine);
  const quiet = notice.kind === "free" && isAsking;
  const failure = notice.kind === "free" ? claim.error : null;
  return {
    people: query.isError ? NOBODY : (present?.people ?? NOBODY),
    notice: quiet ? { kind: "quiet" } : notice,
    problem: failure === null ? null : problemWords(failure),
    onClaim: () => mutate(),
  };
}

function problemWords(error: Error): string {
  return error instanceof ApiError ? error.detail : t`The case could not be claimed.`;
}
