import { canvasFromImage, type FilmShape, type View } from "./view";

/** Where columns and rows of a film run to in the patient: letters of L R A P H F. */
export type Directions = readonly [columns: string, rows: string];

export interface EdgeMarkers {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

const OPPOSITE: Readonly<Record<string, string>> = {
  L: "R",
  R: "L",
  A: "P",
  P: "A",
  H: "F",
  F: "H",
};

/** Return the opposite side: "LP" gives "RA". */
export function oppositeSide(side: string): string {
  return [...side].map((letter) => OPPOSITE[letter] ?? "").join("");
}

const SQUARE: FilmShape = { rows: 1, columns: 1, pixelAspect: [1, 1] };

/** Return the side of the patient at each edge of the viewport, as the film is turned now. */
export function edgeMarkers([columns, rows]: Directions, view: View): EdgeMarkers {
  const { a, b, c, d } = canvasFromImage(view, SQUARE, { width: 1, height: 1 });
  const isUpright = Math.abs(a) > Math.abs(b);
  // Which film axis runs across the screen, and whether it runs to the right.
  const [across, toRight] = isUpright ? [columns, a > 0] : [rows, c > 0];
  const [down, toBottom] = isUpright ? [rows, d > 0] : [columns, b > 0];
  const right = toRight ? across : oppositeSide(across);
  const bottom = toBottom ? down : oppositeSide(down);
  return { left: oppositeSide(right), right, top: oppositeSide(bottom), bottom };
}
