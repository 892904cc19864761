/**
 * The language of the page. It is settled before any other module is loaded and holds until
 * the page is loaded anew, so words may be translated once, where a module is read.
 */
import { i18n, type Messages } from "@lingui/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";

export const LANGUAGES = [
  { code: "en", name: "English" },
  { code: "de", name: "Deutsch" },
] as const;

export type Language = (typeof LANGUAGES)[number]["code"];

/** English is in the code; any other language is a file that is fetched when it is asked for. */
const CATALOGUES: Record<Exclude<Language, "en">, () => Promise<{ messages: Messages }>> = {
  de: () => import("../locales/de.po"),
};

/** Read by Django as well (LANGUAGE_COOKIE_NAME), so that its own pages agree with this one. */
const COOKIE = "truefilm_language";
const YEAR_SECONDS = 365 * 24 * 3600;

function known(tag: string): Language | undefined {
  const primary = tag.toLowerCase().split("-")[0];
  return LANGUAGES.find(({ code }) => code === primary)?.code;
}

/** What this person chose, else the first language of the browser that Truefilm speaks. */
export function readLanguage(
  cookies: string = document.cookie,
  preferred: readonly string[] = navigator.languages,
): Language {
  const chosen = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]*)`).exec(cookies)?.[1] ?? "";
  return known(chosen) ?? preferred.map(known).find((each) => each !== undefined) ?? "en";
}

/** Keep the choice and start anew in it. */
export function chooseLanguage(language: Language, restart: () => void = reload): void {
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${language}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
  restart();
}

function reload(): void {
  window.location.reload();
}

/** `?dir=rtl` mirrors the page, so that it can be looked at before a language needs it. */
function directionOf(search: string): "ltr" | "rtl" {
  return new URLSearchParams(search).get("dir") === "rtl" ? "rtl" : "ltr";
}

/** Make `language` that of the page; English where its words cannot be fetched. */
export async function startLanguage(
  language: Language,
  catalogues = CATALOGUES,
): Promise<void> {
  i18n.setMessagesCompiler(compileMessage);
  let messages: Messages = {};
  let spoken = language;
  if (language !== "en") {
    try {
      messages = (await catalogues[language]()).messages;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      spoken = "en";
    }
  }
  i18n.loadAndActivate({ locale: spoken, messages });
  document.documentElement.lang = spoken;
  document.documentElement.dir = directionOf(window.location.search);
}
