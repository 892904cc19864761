import { readCsrfToken } from "@/api/client";
import { forgetAllDrafts } from "@/features/reading/drafts";

/** Signing out is a form of Django's, so that the answer is a page and not JSON. */
export function signOut(): void {
  forgetAllDrafts();
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
