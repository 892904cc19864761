import { t } from "@lingui/core/macro";

import { readCsrfToken } from "@/api/client";
import { endAll, saveAllNow } from "@/features/reading/autosave";
import { forgetAllDrafts } from "@/features/reading/drafts";
import { tell } from "@/ui/toast";

/** Tells the other tabs of this browser; drafts lie in each tab's own storage. */
const CHANNEL = "truefilm.session";
const SIGNED_OUT = "signed-out";

const LOGOUT = "/logout/";
/** A server that takes longer to keep a draft is not waited for. */
const LAST_SAVE_MS = 3_000;
const goToSignIn = (): void => window.location.assign("/login/");

/**
 * Save what is not saved, end the session, then wipe this tab and tell the others: who could
 * not sign out is still at work, and one that left sooner would be let in again.
 */
export async function signOut(leave: () => void = goToSignIn): Promise<void> {
  const isSaved = await saveAllNow(LAST_SAVE_MS);
  const headers = { "X-CSRFToken": readCsrfToken() };
  let answer: Response;
  try {
    answer = await fetch(LOGOUT, { method: "POST", headers, redirect: "manual" });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    tell(t`You are still signed in: the server cannot be reached.`, "problem");
    return;
  }
  if (answer.type !== "opaqueredirect") {
    // Whether the form gets through is not told to this page: what is kept nowhere else stays.
    if (isSaved) wipe();
    submitForm();
    return;
  }
  wipe();
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(SIGNED_OUT);
  channel.close();
  leave();
}

/** Forget what is entered, now and once more as the page is left: it is still on it. */
function wipe(): void {
  endAll();
  forgetAllDrafts();
  window.addEventListener("pagehide", () => forgetAllDrafts(), { once: true });
}

/** As a form, so that the browser shows what went wrong: a page of Django's. */
function submitForm(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = LOGOUT;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "csrfmiddlewaretoken";
  field.value = readCsrfToken();
  form.append(field);
  document.body.append(form);
  form.submit();
}

/** Wipe this tab and leave when the person signs out in another one; returns how to stop. */
export function followSignOut(leave: () => void = goToSignIn): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data !== SIGNED_OUT) return;
    wipe();
    leave();
  };
  return () => channel.close();
}
