import type { AnyPoint } from "./points";

/**
 * An affine map from points of frame `From` to points of frame `To`:
 * x' = a x + c y + e, y' = b x + d y + f (the order of Canvas2D's setTransform).
 */
export interface Affine<From extends AnyPoint, To extends AnyPoint> {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  /** Phantom: keeps frames apart at compile time, absent at run time. */
  readonly __map?: (from: From) => To;
}

export function affine<From extends AnyPoint, To extends AnyPoint>(
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
): Affine<From, To> {
  return { a, b, c, d, e, f };
}

export function apply<From extends AnyPoint, To extends AnyPoint>(
  map: Affine<From, To>,
  point: From,
): To {
  const [x, y] = point;
  return [map.a * x + map.c * y + map.e, map.b * x + map.d * y + map.f] as unknown as To;
}

/** Return the map that first applies `first`, then `second`. */
export function compose<A extends AnyPoint, B extends AnyPoint, C extends AnyPoint>(
  first: Affine<A, B>,
  second: Affine<B, C>,
): Affine<A, C> {
  return affine(
    second.a * first.a + second.c * first.b,
    second.b * first.a + second.d * first.b,
    second.a * first.c + second.c * first.d,
    second.b * first.c + second.d * first.d,
    second.a * first.e + second.c * first.f + second.e,
    second.b * first.e + second.d * first.f + second.f,
  );
}

/** Return the inverse map. Throws RangeError when the map flattens the plane. */
export function invert<From extends AnyPoint, To extends AnyPoint>(
  map: Affine<From, To>,
): Affine<To, From> {
  const det = map.a * map.d - map.b * map.c;
  if (!Number.isFinite(det) || Math.abs(det) < 1e-18) {
    throw new RangeError("This transform cannot be inverted.");
  }
  return affine(
    map.d / det,
    -map.b / det,
    -map.c / det,
    map.a / det,
    (map.c * map.f - map.d * map.e) / det,
    (map.b * map.e - map.a * map.f) / det,
  );
}

/** Return the map given by where the origin and the two unit vectors land. */
export function fromBasis<From extends AnyPoint, To extends AnyPoint>(
  origin: To,
  alongX: To,
  alongY: To,
): Affine<From, To> {
  return affine(
    alongX[0] - origin[0],
    alongX[1] - origin[1],
    alongY[0] - origin[0],
    alongY[1] - origin[1],
    origin[0],
    origin[1],
  );
}
