/** Two films moved as one: where the other lies when the first lies there. Pure. */
import { t } from "@lingui/core/macro";
import {
  affine,
  apply,
  compose,
  invert,
  pointImage,
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

/**
 * Which part of the other film the first one shows, in shares of the sides, after the
 * alignment: other = scale x first + offset, [x, y].
 */
export interface Crop {
  readonly scale: readonly [x: number, y: number];
  readonly offset: readonly [x: number, y: number];
}

export const WHOLE: Crop = { scale: [1, 1], offset: [0, 0] };

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

/** Return the map from pixels of one film to those of the other. */
export function filmOntoFilm(
  from: FilmShape,
  onto: FilmShape,
  by: Alignment,
  crop: Crop = WHOLE,
): OnFilm {
  let map = shareOf(from);
  if (by.mirrored) map = compose(map, MIRROR);
  for (let turn = 0; turn < by.quarterTurns; turn += 1) map = compose(map, TURN_CLOCKWISE);
  const [sx, sy] = crop.scale;
  map = compose(map, affine(sx, 0, 0, sy, crop.offset[0], crop.offset[1]));
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
  crop: Crop = WHOLE,
): View {
  const map = filmOntoFilm(first, other, by, crop);
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

/** Return the corners of what both films show, in pixels of each. */
export function sharedCorners(
  first: FilmShape,
  other: FilmShape,
  by: Alignment,
  crop: Crop,
): { readonly first: readonly PointImage[]; readonly other: readonly PointImage[] } {
  const low = [0, 1].map((i) => Math.max(0, crop.offset[i] as number));
  const high = [0, 1].map((i) =>
    Math.min(1, (crop.offset[i] as number) + (crop.scale[i] as number)),
  );
  const [left = 0, top = 0] = low;
  const [right = 1, bottom = 1] = high;
  const onOther = pixelsOf(other);
  const corners = [
    pointImage(left, top),
    pointImage(right, top),
    pointImage(right, bottom),
    pointImage(left, bottom),
  ].map((corner) => apply(onOther, corner));
  const back = invert(filmOntoFilm(first, other, by, crop));
  return { other: corners, first: corners.map((corner) => apply(back, corner)) };
}

/** "cropped to 83 %", of the film named; empty where both show the same. */
export function cropWords({ scale: [x, y] }: Crop): { first: string; other: string } {
  const side = Math.sqrt(x * y);
  const words = (share: number) => t`cropped to ${Math.round(share * 100)} %`;
  return {
    first: side < 0.97 ? words(side) : "",
    other: side > 1 / 0.97 ? words(1 / side) : "",
  };
}

/** Return the other film's look: changed from its own first as the first film's was. */
export function linkedLook(
  look: Look,
  first: Look,
  otherFirst: Look,
  by: Alignment,
  /** Low values of the one are high ones of the other. */
  isTurnedOver: boolean = by.inverted,
): Look {
  const widthBy = look.window.width / first.window.width;
  const centerBy = (look.window.center - first.window.center) / first.window.width;
  const width = Math.max(smallestWidth(otherFirst.voi), otherFirst.window.width * widthBy);
  return {
    window: {
      center:
        otherFirst.window.center + (isTurnedOver ? -1 : 1) * centerBy * otherFirst.window.width,
      width,
    },
    voi: otherFirst.voi,
    inverted: look.inverted !== by.inverted,
  };
}
