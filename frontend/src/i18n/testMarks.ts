/** What the answers of the pages' tests are made of. */

/** Marks what the catalogue gave, and in the answers below what a server would give. */
export const marked = (text: string) => `⟦${text}⟧`;

export const AT = "2026-11-22T18:52:07Z";
export const PERSON = { id: "u-1", display_name: marked("Ada") };
export const HASH = "0".repeat(64);
