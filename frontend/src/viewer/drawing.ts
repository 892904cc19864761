/** A mark under way: which points it has, when it is whole. Pure. */
import type { PointImage } from "@/geometry";

import type { Tool } from "./state";

export interface Draft {
  readonly tool: Tool;
  readonly points: readonly PointImage[];
  /** Drawn in one stroke with the button held, not corner by corner. */
  readonly isStroke: boolean;
}

const NEEDED: Partial<Record<Tool, number>> = {
  box: 2,
  length: 2,
  angle: 3,
  ellipse: 2,
  rectangle: 2,
  arrow: 2,
  probe: 1,
};

/** An outline has at least three corners. */
export const LEAST_CORNERS = 3;

export function isDrawing(tool: Tool): boolean {
  return tool !== "window" && tool !== "pan";
}

/** Return whether the tool draws an outline in one stroke. */
export function isByHand(tool: Tool): boolean {
  return tool === "freehand" || tool === "area";
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
  return { draft: { tool, points, isStroke: false }, done: null };
}

/** Return all points to draw; `hover` is where the next one would go. */
export function draftPoints(draft: Draft, hover: PointImage | null): readonly PointImage[] {
  return hover === null || draft.isStroke ? draft.points : [...draft.points, hover];
}
