import { i18n } from "@lingui/core";
import { afterEach, describe, expect, it, vi } from "vitest";

import { chooseLanguage, readLanguage, startLanguage } from "./language";

const CHOSEN = "truefilm_language";

afterEach(async () => {
  document.cookie = `${CHOSEN}=; Path=/; Max-Age=0`;
  window.history.replaceState(null, "", "/");
  await startLanguage("en");
});

describe("the language of the page", () => {
  it.each([
    ["", ["de-AT", "en"], "de"],
    ["", ["fr-FR", "de", "en"], "de"],
    ["", ["en-US", "de"], "en"],
    ["", ["ja"], "en"],
    ["", [], "en"],
    [`csrftoken=x; ${CHOSEN}=de`, ["en"], "de"],
    [`${CHOSEN}=en`, ["de"], "en"],
    [`${CHOSEN}=tlh`, ["de"], "de"],
    [`x${CHOSEN}=de`, ["en"], "en"],
  ])("with cookies %j and a browser that asks for %j is %s", (cookies, preferred, expected) => {
    expect(readLanguage(cookies, preferred)).toBe(expected);
  });

  it("is kept when it is chosen, and the page starts anew", () => {
    const restart = vi.fn();
    chooseLanguage("de", restart);
    expect(restart).toHaveBeenCalledOnce();
    expect(readLanguage(document.cookie, ["en"])).toBe("de");
  });

  it("is told to screen readers, and its words are loaded", async () => {
    await startLanguage("de");
    expect(document.documentElement).toHaveAttribute("lang", "de");
    expect(document.documentElement).toHaveAttribute("dir", "ltr");
    expect(i18n.locale).toBe("de");
    expect(Object.keys(i18n.messages).length).toBeGreaterThan(700);
  });

  it("is English, and nothing else fails, where its words cannot be fetched", async () => {
    await startLanguage("de", {
      de: () => Promise.reject(new TypeError("Failed to fetch dynamically imported module")),
    });
    expect(i18n.locale).toBe("en");
    expect(document.documentElement).toHaveAttribute("lang", "en");
  });

  it("runs from right to left where the address asks for it", async () => {
    window.history.replaceState(null, "", "/?dir=rtl");
    await startLanguage("en");
    expect(document.documentElement).toHaveAttribute("dir", "rtl");
  });
});
