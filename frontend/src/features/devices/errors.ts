/** Why something was refused, for the foot of a form; null where nothing was. */
export function errorWords(error: unknown): string | null {
  return error instanceof Error ? error.message : null;
}
