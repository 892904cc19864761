/** Two films moved as one: where the other lies when the first lies there. Pure. */
import {
  affine,
  apply,
  compose,
  type Affine,
  type FilmShape,
  type PointImage,
  type View,
} from "@/geometry";
import { smallestWidth } from "@/imaging";

import type { Look } from "./state";

/** What brings the first film onto the other: mirrored left to right, then turned clockwise. */
export interface Alignment {
  readonly quarterTurns: 0 | 1 | 2 | 3;
  readonly mirrored: boolean;
  readonly inverted: boolean;
}

export const AS_IS: Alignment = { quarterTurns: 0, mirrored: false, inverted: false };

type OnFilm = Affine<PointImage, PointImage>;

/** From pixels to 0..1 along each side; the corner of pixel (0, 0) is at -0.5. */
function shareOf({ rows, columns }: FilmShape): OnFilm {
  return affine(1 / columns, 0, 0, 1 / rows, 0.5 / columns, 0.5 / rows);
}

function pixelsOf({ rows, columns }: FilmShape): OnFilm {
  return affine(columns, 0, 0, rows, -0.5, -0.5);
}

const MIRROR: OnFilm = affine(-1, 0, 0, 1, 1, 0);
/** The left upper corner goes to the right upper one. */
const TURN_CLOCKWISE: OnFilm = affine(0, 1, -1, 0, 1, 0);

/** Return the map from pixels of one film to those of the other; whole film onto whole film. */
export function filmOntoFilm(from: FilmShape, onto: FilmShape, by: Alignment): OnFilm {
  let map = shareOf(from);
  if (by.mirrored) map = compose(map, MIRROR);
  for (let turn = 0; turn < by.quarterTurns; turn += 1) map = compose(map, TURN_CLOCKWISE);
  return compose(map, pixelsOf(onto));
}

/**
 * Return the view of the other film under which it lies on the same spot as the first.
 *
 * Exact where both films have the same proportions; else the areas agree and the middle.
 */
export function linkedView(
  view: View,
  first: FilmShape,
  other: FilmShape,
  by: Alignment,
): View {
  const map = filmOntoFilm(first, other, by);
  const areaOf = ({ pixelAspect }: FilmShape) => pixelAspect[0] * pixelAspect[1];
  const grown = Math.abs(map.a * map.d - map.b * map.c);
  // The turns of the first view, undone by the alignment's; a flip turns their sense around.
  const flipped = view.flipped !== by.mirrored;
  const turns = view.quarterTurns + (flipped ? by.quarterTurns : 4 - by.quarterTurns);
  return {
    centre: apply(map, view.centre),
    zoom: view.zoom * Math.sqrt(areaOf(first) / (areaOf(other) * grown)),
    quarterTurns: (turns % 4) as View["quarterTurns"],
    flipped,
  };
}

/** Return the other film's look: changed from its own first as the first film's was. */
export function linkedLook(look: Look, first: Look, otherFirst: Look, by: Alignment): Look {
  const widthBy = look.window.width / first.window.width;
  const centerBy = (look.window.center - first.window.center) / first.window.width;
  const width = Math.max(smallestWidth(otherFirst.voi), otherFirst.window.width * widthBy);
  return {
    window: {
      // Of an inverted film brighter is lower.
      center:
        otherFirst.window.center + (by.inverted ? -1 : 1) * centerBy * otherFirst.window.width,
      width,
    },
    voi: otherFirst.voi,
    inverted: look.inverted !== by.inverted,
  };
}
