/** Finds which part of a film another one shows, once the reuse lane said how it is turned. Pure. */
import type { Film } from "@/imaging";

import { WHOLE, type Alignment, type Crop } from "./linked";

/** Samples along each side of a film while the place is searched for. */
const SIDE = 96;
/** The search compares every third sample, the refinement every second. */
const COARSE = 3;
const FINE = 2;
/** Sides of the first film over those of the other, as tried: crops down to 70 % either way. */
const LEAST_SCALE = 0.7;
const SCALE_STEP = 1.05;
const OFFSET_STEP = 1 / 32;
/** A film may lie beyond the other's edge by this share of it. */
const BEYOND = 0.04;
/** Below this the pictures do not agree well enough to claim a part. */
const LEAST_CORRELATION = 0.85;
/** The search is right to about half of this share of a side (register.test.ts). */
const NEAR_WHOLE = 0.01;
/** What is compared must be at least this share of one of the films. */
const LEAST_OVERLAP = 0.6;

type Samples = Float32Array;

/** Return ranks, -0.5..0.5, of block means: what no monotonic window changes. */
function sample(film: Film, by: Alignment): Samples {
  const { rows, columns, samples } = film.meta;
  const values = new Float32Array(SIDE * SIDE);
  const block = 3;
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const [u, v] = before((x + 0.5) / SIDE, (y + 0.5) / SIDE, by);
      let sum = 0;
      for (let i = 0; i < block * block; i += 1) {
        const du = ((i % block) - 1) / (block * SIDE);
        const dv = (Math.floor(i / block) - 1) / (block * SIDE);
        const column = Math.min(columns - 1, Math.max(0, Math.floor((u + du) * columns)));
        const row = Math.min(rows - 1, Math.max(0, Math.floor((v + dv) * rows)));
        sum += film.pixels[(row * columns + column) * samples] as number;
      }
      values[y * SIDE + x] = sum;
    }
  }
  return ranksOf(values);
}

/** Return the spot of the untouched film that the alignment brings to (u, v), in shares. */
function before(u: number, v: number, by: Alignment): readonly [number, number] {
  let [x, y] = [u, v];
  // A clockwise turn takes (x, y) to (1 - y, x).
  for (let turn = 0; turn < by.quarterTurns; turn += 1) [x, y] = [y, 1 - x];
  return [by.mirrored ? 1 - x : x, y];
}

/** Return what both films show at the same spots under a crop; null where that is too little. */
function pairs(
  first: Samples,
  other: Samples,
  crop: Crop,
  step: number,
): readonly [number[], number[]] | null {
  const [sx, sy] = crop.scale;
  const [ox, oy] = crop.offset;
  const here: number[] = [];
  const there: number[] = [];
  for (let y = 0; y < SIDE; y += step) {
    const to = (sy * ((y + 0.5) / SIDE) + oy) * SIDE - 0.5;
    for (let x = 0; x < SIDE; x += step) {
      const found = between(other, (sx * ((x + 0.5) / SIDE) + ox) * SIDE - 0.5, to);
      if (found === null) continue;
      here.push(first[y * SIDE + x] as number);
      there.push(found);
    }
  }
  const share = here.length / Math.ceil(SIDE / step) ** 2;
  return Math.max(share, share * sx * sy) < LEAST_OVERLAP ? null : [here, there];
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const [p, q] = [a[i] as number, b[i] as number];
    sa += p;
    sb += q;
    saa += p * p;
    sbb += q * q;
    sab += p * q;
  }
  const n = a.length;
  const spread = Math.sqrt((saa - (sa * sa) / n) * (sbb - (sb * sb) / n));
  return spread > 0 ? (sab - (sa * sb) / n) / spread : -1;
}

/** Ranks among all of a film: quick, and a little wrong for a part, whose ranks are others. */
function agreementCoarsely(first: Samples, other: Samples, crop: Crop): number {
  const found = pairs(first, other, crop, COARSE);
  return found === null ? -1 : correlation(...found);
}

/** Ranks among what both show: 1 at the true place, whatever was done to the greys. */
function agreement(first: Samples, other: Samples, crop: Crop): number {
  const found = pairs(first, other, crop, FINE);
  return found === null ? -1 : correlation(ranksOf(found[0]), ranksOf(found[1]));
}

function ranksOf(values: ArrayLike<number>): Samples {
  const order = Float64Array.from({ length: values.length }, (_, i) => i);
  order.sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float32Array(values.length);
  order.forEach((at, rank) => (ranks[at] = rank / Math.max(1, values.length - 1) - 0.5));
  return ranks;
}

function between(film: Samples, x: number, y: number): number | null {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  if (left < 0 || top < 0 || left + 1 >= SIDE || top + 1 >= SIDE) return null;
  const [dx, dy] = [x - left, y - top];
  const at = top * SIDE + left;
  const upper = (film[at] as number) * (1 - dx) + (film[at + 1] as number) * dx;
  const lower = (film[at + SIDE] as number) * (1 - dx) + (film[at + SIDE + 1] as number) * dx;
  return upper * (1 - dy) + lower * dy;
}

interface Found {
  readonly crop: Crop;
  readonly score: number;
}

function searchCoarsely(score: (crop: Crop) => number): Found {
  let best: Found = { crop: { scale: [1, 1], offset: [0, 0] }, score: -1 };
  for (let scale = LEAST_SCALE; scale <= 1 / LEAST_SCALE; scale *= SCALE_STEP) {
    const from = Math.min(0, 1 - scale) - BEYOND;
    const until = Math.max(0, 1 - scale) + BEYOND;
    for (let ox = from; ox <= until; ox += OFFSET_STEP) {
      for (let oy = from; oy <= until; oy += OFFSET_STEP) {
        const crop: Crop = { scale: [scale, scale], offset: [ox, oy] };
        const found = score(crop);
        if (found > best.score) best = { crop, score: found };
      }
    }
  }
  return best;
}

/** Move one number at a time, in ever smaller steps, while the films agree better. */
function refine(start: Found, score: (crop: Crop) => number): Found {
  let numbers = [...start.crop.scale, ...start.crop.offset];
  const cropOf = ([sx = 1, sy = 1, ox = 0, oy = 0]: readonly number[]): Crop => ({
    scale: [sx, sy],
    offset: [ox, oy],
  });
  let best = score(start.crop);
  for (let step = OFFSET_STEP; step > 0.0008; step /= 2) {
    for (let isBetter = true; isBetter;) {
      isBetter = false;
      for (const move of MOVES) {
        const next = numbers.map((value, i) => value + step * (move[i] as number));
        const found = score(cropOf(next));
        if (found <= best + 1e-6) continue;
        [numbers, best, isBetter] = [next, found, true];
      }
    }
  }
  return { crop: cropOf(numbers), score: best };
}

/** Scale about the middle, and move; [scale x, scale y, offset x, offset y]. */
const MOVES: readonly (readonly number[])[] = [
  [1, 0, -0.5, 0],
  [-1, 0, 0.5, 0],
  [0, 1, 0, -0.5],
  [0, -1, 0, 0.5],
  [0, 0, 1, 0],
  [0, 0, -1, 0],
  [0, 0, 0, 1],
  [0, 0, 0, -1],
];

/** Return whether low stored values of the one are high ones of the other, whatever is shown. */
export function turnsOver(first: Film, other: Film, by: Alignment): boolean {
  const isDark = ({ meta }: Film) => (meta.photometric === "MONOCHROME1") !== meta.slope < 0;
  return by.inverted !== (isDark(first) !== isDark(other));
}

/**
 * Return which part of the other film the first one shows, or null where they agree too
 * little to say. Takes some 0.1 s.
 */
export function findCrop(first: Film, other: Film, by: Alignment): Crop | null {
  const upright = sample(first, by);
  const there = sample(other, { quarterTurns: 0, mirrored: false, inverted: false });
  const here = turnsOver(first, other, by) ? upright.map((rank) => -rank) : upright;
  const coarse = searchCoarsely((crop) => agreementCoarsely(here, there, crop));
  const found = refine(coarse, (crop) => agreement(here, there, crop));
  if (found.score < LEAST_CORRELATION) return null;
  // Samples are some pixels apart: so near the whole film it is the whole film, to the pixel.
  const numbers = [...found.crop.scale.map((scale) => scale - 1), ...found.crop.offset];
  return numbers.every((off) => Math.abs(off) < NEAR_WHOLE) ? WHOLE : found.crop;
}
