/** Slices in a row: which comes next, which to fetch ahead. Pure. */
import type { FramePlace } from "@/imaging";

/** Return where a step leads: never beyond the ends. */
export function stepInStack(at: number, steps: number, count: number): number {
  return Math.min(count - 1, Math.max(0, at + steps));
}

/** How many slices on either side are fetched ahead. */
const AHEAD = 10;

/** Return the places around `at`, the nearest first, forward before backward. */
export function placesAround(stack: readonly FramePlace[], at: number): readonly FramePlace[] {
  const found: FramePlace[] = [];
  for (let far = 1; far <= AHEAD; far += 1) {
    const [after, before] = [stack[at + far], stack[at - far]];
    if (after) found.push(after);
    if (before) found.push(before);
  }
  return found;
}

export function indexInStack(stack: readonly FramePlace[], here: FramePlace): number {
  return stack.findIndex(
    ({ imageId, frame }) => imageId === here.imageId && frame === here.frame,
  );
}
