import { readCsrfToken } from "@/api/client";
import { forgetAllDrafts } from "@/features/reading/drafts";

/** Tells the other tabs of this browser; drafts lie in each tab's own storage. */
const CHANNEL = "truefilm.session";
const SIGNED_OUT = "signed-out";

/** Signing out is a form of Django's, so that the answer is a page and not JSON. */
export function signOut(): void {
  forgetAllDrafts();
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(SIGNED_OUT);
  channel.close();
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/logout/";
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "csrfmiddlewaretoken";
  field.value = readCsrfToken();
  form.append(field);
  document.body.append(form);
  form.submit();
}

/** Wipe this tab and leave when the person signs out in another one; returns how to stop. */
export function followSignOut(
  leave: () => void = () => window.location.assign("/login/"),
): () => void {
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
