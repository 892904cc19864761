// @vitest-environment node
import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { beforeAll, describe, expect, it } from "vitest";

/** Reading all of the source with Babel takes a while on a busy machine. */
const EXTRACTION_MS = 120_000;

interface Words {
  readonly id: string;
  readonly english: string;
  readonly translated: string;
}

/** The names of what a message is given, and its tags: `{count}`, `<0>`. */
function slotsOf(message: string): string[] {
  const slots = new Set<string>();
  const visit = (token: unknown): void => {
    if (typeof token === "string") {
      for (const tag of token.match(/<\/?\d+\/?>/g) ?? []) slots.add(tag);
    } else if (Array.isArray(token)) {
      slots.add(`{${String(token[0])}}`);
      for (const choices of token.slice(1)) {
        if (typeof choices === "object" && choices !== null) {
          for (const choice of Object.values(choices as object)) visitAll(choice);
        }
      }
    }
  };
  const visitAll = (tokens: unknown): void => {
    if (Array.isArray(tokens)) tokens.forEach(visit);
    else visit(tokens);
  };
  visitAll(compileMessage(message));
  return [...slots].sort();
}

describe("the German catalogue", () => {
  const missing: string[] = [];
  const words: Words[] = [];
  let stale: string[] = [];

  beforeAll(async () => {
    const [catalog] = await getCatalogs(getConfig());
    const source = await catalog?.collect();
    const german = await catalog?.read("de");
    for (const [id, { message, context }] of Object.entries(source ?? {})) {
      const translated = german?.[id]?.translation ?? "";
      const english = message ?? "";
      if (translated === "") missing.push(context ? `${context}: ${english}` : english);
      else words.push({ id, english, translated });
    }
    stale = Object.entries(german ?? {})
      .filter(([id]) => source?.[id] === undefined)
      .map(([, { message }]) => message ?? "");
  }, EXTRACTION_MS);

  it("was read, and the source too", () => {
    expect(words.length).toBeGreaterThan(700);
  });

  it("has every message of the source", () => {
    expect(missing, "run `npm run messages` and translate src/locales/de.po").toEqual([]);
  });

  it("has nothing that the source no longer says", () => {
    expect(stale, "run `npm run messages`").toEqual([]);
  });

  it("is given what the English is given, and keeps its tags", () => {
    const wrong = words.filter(
      ({ english, translated }) => slotsOf(english).join() !== slotsOf(translated).join(),
    );
    expect(wrong).toEqual([]);
  });

  it("begins and ends with the same space, since words stand beside others", () => {
    const edges = (text: string) => [/^\s*/.exec(text)?.[0], /\s*$/.exec(text)?.[0]].join("|");
    expect(
      words.filter(({ english, translated }) => edges(english) !== edges(translated)),
    ).toEqual([]);
  });

  it("says Sie", () => {
    const informal = /\b(du|dir|dich|dein|deine|deinen|deiner|euch|euer)\b/i;
    expect(words.filter(({ translated }) => informal.test(translated))).toEqual([]);
  });
});
