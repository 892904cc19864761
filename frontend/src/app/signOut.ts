import { readCsrfToken } from "@/api/client";
import { forgetAllDrafts } from "@/features/reading/drafts";

/** Tells the other tabs of this browser; drafts lie in each tab's own storage. */
const CHANNEL = "truefilm.session";
const SIGNED_OUT = "signed-out";

const LOGOUT = "/logout/";
const goToSignIn = (): void => window.location.assign("/login/");

/** End the session, then tell every tab: one that left sooner would be let in again. */
export async function signOut(leave: () => void = goToSignIn): Promise<void> {
  forgetAllDrafts();
  const headers = { "X-CSRFToken": readCsrfToken() };
  try {
    const answer = await fetch(LOGOUT, { method: "POST", headers, redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new TypeError("Not signed out.");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    submitForm();
    return;
  }
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(SIGNED_OUT);
  channel.close();
  leave();
}

/** As a form, so that the browser shows what went wrong: no network, or a page of Django's. */
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
    forgetAllDrafts();
    // What the page keeps while it is left goes as well.
    window.addEventListener("pagehide", () => forgetAllDrafts(), { once: true });
    leave();
  };
  return () => channel.close();
}
