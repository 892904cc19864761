/** A mark under way: which points it has, when it is whole. Pure. */
import type { PointImage } from "@/geometry";

import type { Tool } from "./state";

export interface Draft {
  readonly tool: Tool;
  readonly points: readonly PointImage[];
  /** Where the next point would go. */
  readonly hover: PointImage | null;
}

const NEEDED: Partial<Record<Tool, number>> = { box: 2, length: 2, angle: 3 };

export function isDrawing(tool: Tool): boolean {
  return tool !== "window" && tool !== "pan";
}

/** Return the draft with one more point, and the points of the mark if that completes it. */
export function placePoint(
  draft: Draft | null,
  tool: Tool,
  point: PointImage,
): { readonly draft: Draft | null; readonly done: readonly PointImage[] | null } {
  const points = [...(draft?.tool === tool ? draft.points : []), point];
  const needed = NEEDED[tool];
  if (needed !== undefined && points.length >= needed) return { draft: null, done: points };
  return { draft: { tool, points, hover: point }, done: null };
}

/** Return all points to draw, the hovering one last. */
export function draftPoints(draft: Draft): readonly PointImage[] {
  return draft.hover === null || draft.tool === "freehand"
    ? draft.points
    : [...draft.points, draft.hover];
}
