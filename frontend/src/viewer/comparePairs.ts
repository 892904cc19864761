/** Two stacks scrolled as one: which slice of the other stands beside which. Pure. */
import type { FramePlace } from "@/imaging";

import { placesAround } from "./stack";

/** Where the slices of a stack lie in the patient. */
interface StackLine {
  /** Positions are comparable between stacks that share it; empty where not known. */
  readonly frameOfReference: string;
  readonly normal: readonly [x: number, y: number, z: number];
  /** Of each slice along the normal, in the order of the stack. */
  readonly positionsMm: readonly number[];
}

/** What a file says of one image, as the server has it. */
export interface PlacedImage {
  readonly id: string;
  readonly plane: {
    readonly frame_of_reference: string;
    readonly normal: readonly number[];
    readonly positions_mm: readonly number[];
  } | null;
}

export interface ComparedStack {
  readonly places: readonly FramePlace[];
  /** The images of the series; none where it is not known how they lie. */
  readonly images: readonly PlacedImage[];
}

export type Side = "first" | "other";

export function otherSide(side: Side): Side {
  return side === "first" ? "other" : "first";
}

/**
 * What both are scrolled by. `place`: the same place of the patient; `distance`: the same way
 * in mm from where they were brought together; `number`: as many slices.
 */
export type Basis = "place" | "distance" | "number";

/** Where the slices of both lie along one common line: in mm, or by their number. */
export interface Linking {
  readonly basis: Basis;
  readonly first: readonly number[];
  readonly other: readonly number[];
}

/** Cosines of angles: slices of one stack, stacks in one plane (2 degrees), one way (8). */
const SAME_SLICES = 1 - 1e-5;
const SAME_PLANES = 0.9994;
const SAME_WAY = 0.99;
/** Positions nearer than this are the same: files round them. */
const SAME_MM = 0.001;

function isOrdered(positions: readonly number[]): boolean {
  const steps = positions.slice(1).map((at, i) => at - (positions[i] as number));
  return (
    positions.length > 0 &&
    (steps.every((step) => step > SAME_MM) || steps.every((step) => step < -SAME_MM))
  );
}

/** Return where the slices of a stack lie, or null where their files do not agree on a line. */
export function lineOf({ places, images }: ComparedStack): StackLine | null {
  const known = new Map(images.map(({ id, plane }) => [id, plane]));
  const planes = places.map(({ imageId }) => known.get(imageId) ?? null);
  const [first] = planes;
  if (!first) return null;
  const [x = 0, y = 0, z = 0] = first.normal;
  const positionsMm: number[] = [];
  for (const [i, plane] of planes.entries()) {
    const at = plane?.positions_mm[places[i]?.frame ?? 0];
    if (!plane || at === undefined) return null;
    if (plane.frame_of_reference !== first.frame_of_reference) return null;
    if (dot(plane.normal, first.normal) < SAME_SLICES) return null;
    positionsMm.push(at);
  }
  // Slices at one place twice (phases, echoes) have no order by place.
  if (!isOrdered(positionsMm)) return null;
  return { frameOfReference: first.frame_of_reference, normal: [x, y, z], positionsMm };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, part, i) => sum + part * (b[i] ?? 0), 0);
}

function isSameFrame(first: StackLine, other: StackLine): boolean {
  return first.frameOfReference !== "" && first.frameOfReference === other.frameOfReference;
}

/** Return what the two are scrolled by: no more than their files say. */
export function linkStacks(first: ComparedStack, other: ComparedStack): Linking {
  const [a, b] = [lineOf(first), lineOf(other)];
  const cosine = a && b ? dot(a.normal, b.normal) : 0;
  if (a === null || b === null || Math.abs(cosine) < SAME_WAY) return byNumber(first, other);
  const isPlaced = isSameFrame(a, b) && Math.abs(cosine) >= SAME_PLANES;
  const isAlone = first.places.length < 2 || other.places.length < 2;
  if (!isPlaced && isAlone) return byNumber(first, other);
  const turned = Math.sign(cosine);
  return {
    basis: isPlaced ? "place" : "distance",
    first: a.positionsMm,
    other: b.positionsMm.map((at) => turned * at),
  };
}

function byNumber(first: ComparedStack, other: ComparedStack): Linking {
  const numbers = ({ places }: ComparedStack) => places.map((_, i) => i);
  return { basis: "number", first: numbers(first), other: numbers(other) };
}

/** Return the index of the position nearest to `at`, in a rising or falling list. */
export function nearest(positions: readonly number[], at: number): number {
  let [low, high] = [0, positions.length - 1];
  const isRising = (positions[high] ?? 0) >= (positions[low] ?? 0);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((positions[middle] as number) <= at === isRising) low = middle;
    else high = middle;
  }
  const off = (index: number) => Math.abs((positions[index] as number) - at);
  return off(high) < off(low) ? high : low;
}

/** Where both stand on the common line; a stack that ends is shown at its end. */
export interface PairState {
  readonly first: number;
  readonly other: number;
  readonly isLinked: boolean;
  /** Which one the keys scroll while they are not linked. */
  readonly side: Side;
  /** `other - first` as the pair began: what a hand moved it by is told from this. */
  readonly startOffset: number;
}

/**
 * Return the pair to begin with. `otherIndex` is null where nothing says which slice belongs
 * to the first: the same place, else the same ends.
 */
export function startPair(
  linking: Linking,
  firstIndex: number,
  otherIndex: number | null,
): PairState {
  const first = linking.first[firstIndex] ?? 0;
  const placed = otherIndex === null ? undefined : linking.other[otherIndex];
  const other = placed ?? first + naturalOffset(linking);
  return { first, other, isLinked: true, side: "first", startOffset: other - first };
}

function naturalOffset({ basis, first, other }: Linking): number {
  if (basis !== "distance") return 0;
  // First on first, or on last where the other was numbered the other way round.
  const end = isRising(first) ? Math.min(...other) : Math.max(...other);
  return end - (first[0] ?? 0);
}

function isRising(positions: readonly number[]): boolean {
  return (positions.at(-1) ?? 0) >= (positions[0] ?? 0);
}

/** Which slices are on screen. */
export interface Pair {
  readonly first: number;
  readonly other: number;
  /** False: the stack has no slice there, and the nearest one is shown. */
  readonly isFirstHere: boolean;
  readonly isOtherHere: boolean;
}

/** Return half of the usual way from slice to slice. */
function reachOf(positions: readonly number[]): number {
  if (positions.length < 2) return Infinity;
  const steps = positions.slice(1).map((at, i) => Math.abs(at - (positions[i] as number)));
  steps.sort((a, b) => a - b);
  return (steps[steps.length >> 1] as number) / 2 + SAME_MM;
}

function isWithin(positions: readonly number[], index: number, at: number): boolean {
  return Math.abs((positions[index] as number) - at) <= reachOf(positions);
}

export function pairOf(linking: Linking, state: PairState): Pair {
  const first = nearest(linking.first, state.first);
  const other = nearest(linking.other, state.other);
  return {
    first,
    other,
    isFirstHere: !state.isLinked || isWithin(linking.first, first, state.first),
    isOtherHere: !state.isLinked || isWithin(linking.other, other, state.other),
  };
}

/**
 * Return where linked scrolling stops, along the first stack's line, ascending: at each slice
 * of the one that is scrolled, then at those the other has beyond its ends.
 */
function stopsOf({ first, other }: Linking, side: Side, offset: number): number[] {
  const there = other.map((at) => at - offset);
  const [own, rest] = side === "first" ? [first, there] : [there, first];
  const [low, high] = [Math.min(...own), Math.max(...own)];
  const beyond = rest.filter((at) => at < low - SAME_MM || at > high + SAME_MM);
  const all = [...own, ...beyond].sort((a, b) => a - b);
  const shown = (at: number) => `${nearest(first, at)} ${nearest(other, at + offset)}`;
  // A stop that changes nothing on screen would be a key that does nothing.
  return all.filter((at, i) => i === 0 || shown(at) !== shown(all[i - 1] as number));
}

function held(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}

function stepLinked(linking: Linking, state: PairState, side: Side, steps: number): PairState {
  const offset = state.other - state.first;
  const stops = stopsOf(linking, side, offset);
  const way = isRising(linking[side]) ? steps : -steps;
  const first = stops[held(nearest(stops, state.first) + way, stops.length)] ?? state.first;
  return { ...state, first, other: first + offset };
}

function stepAlone(linking: Linking, state: PairState, side: Side, steps: number): PairState {
  const positions = linking[side];
  const index = held(nearest(positions, state[side]) + steps, positions.length);
  return { ...state, [side]: positions[index] ?? state[side] };
}

export type PairAction =
  /** Without a side: the one scrolled last. */
  | { readonly type: "step"; readonly steps: number; readonly side?: Side }
  | { readonly type: "go"; readonly to: number; readonly side: Side }
  | { readonly type: "side"; readonly to: Side }
  | { readonly type: "link" | "restart" };

export function changePair(linking: Linking, state: PairState, action: PairAction): PairState {
  switch (action.type) {
    case "step": {
      const side = action.side ?? state.side;
      const step = state.isLinked ? stepLinked : stepAlone;
      return { ...step(linking, state, side, action.steps), side };
    }
    case "go": {
      const { side } = action;
      const to = linking[side][action.to] ?? state[side];
      const by = to - state[side];
      const both = { first: state.first + by, other: state.other + by };
      return { ...state, ...(state.isLinked ? both : { [side]: to }), side };
    }
    case "link":
      // What a stack was moved by meanwhile is the offset from now on.
      return { ...state, isLinked: !state.isLinked };
    case "side":
      return { ...state, side: action.to };
    case "restart":
      return { ...state, other: state.first + state.startOffset };
  }
}

/** Return by how much the other was moved by hand: mm, or slices. */
export function offsetOf(state: PairState): number {
  return state.other - state.first - state.startOffset;
}

const AHEAD = 10;

/** Return what to fetch ahead: the pairs around this one, the nearest first. */
export function placesAhead(
  linking: Linking,
  state: PairState,
  first: readonly FramePlace[],
  other: readonly FramePlace[],
): readonly FramePlace[] {
  if (!state.isLinked) {
    const [near, at] = state.side === "first" ? [first, state.first] : [other, state.other];
    return placesAround(near, nearest(linking[state.side], at));
  }
  const offset = state.other - state.first;
  const stops = stopsOf(linking, state.side, offset);
  const here = nearest(stops, state.first);
  const way = isRising(linking[state.side]) ? 1 : -1;
  const found = new Map<string, FramePlace>();
  const add = (at: number | undefined) => {
    if (at === undefined) return;
    const pair = [
      first[nearest(linking.first, at)],
      other[nearest(linking.other, at + offset)],
    ];
    for (const place of pair) if (place) found.set(`${place.imageId} ${place.frame}`, place);
  };
  for (let far = 1; far <= AHEAD; far += 1) {
    add(stops[here + far * way]);
    add(stops[here - far * way]);
  }
  return [...found.values()];
}
