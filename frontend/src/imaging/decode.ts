/** Bytes of a frame to stored values, with every check a silent black film would need. */
import type { ImageMeta, PixelType } from "@/api/types";

import { FilmError } from "./errors";

export type Pixels =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>;

type PixelsConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): Pixels;
};

const CONSTRUCTORS: Record<PixelType, PixelsConstructor> = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
};

/** One frame in memory. `pixels`: row-major stored values, RGB interleaved. */
export interface Film {
  readonly meta: ImageMeta;
  readonly frame: number;
  readonly pixels: Pixels;
  readonly min: number;
  readonly max: number;
}

export function pixelsFor(dtype: PixelType): PixelsConstructor {
  const known = CONSTRUCTORS[dtype] as PixelsConstructor | undefined;
  if (known === undefined) {
    throw new FilmError("unknown_type", `The film's pixels are of an unknown type (${dtype}).`);
  }
  return known;
}

function swapped(buffer: ArrayBuffer, bytesPerValue: number): ArrayBuffer {
  const bytes = new Uint8Array(buffer.slice(0));
  for (let at = 0; at < bytes.length; at += bytesPerValue) {
    bytes.subarray(at, at + bytesPerValue).reverse();
  }
  return bytes.buffer;
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function rangeOf(pixels: Pixels): readonly [min: number, max: number] {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < pixels.length; i += 1) {
    const value = pixels[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

/**
 * Return the frame whose little-endian stored values are `buffer`.
 *
 * Throws FilmError when the shape makes no sense or the byte count does not match it: a
 * film that was cut short must be an error, never a black canvas.
 */
export function decodeFrame(buffer: ArrayBuffer, meta: ImageMeta, frame: number): Film {
  const { rows, columns, samples } = meta;
  if (!(rows > 0 && columns > 0) || (samples !== 1 && samples !== 3)) {
    throw new FilmError(
      "bad_shape",
      `The film has an impossible shape: ${rows} rows, ${columns} columns, ${samples} samples.`,
    );
  }
  const constructor = pixelsFor(meta.dtype);
  const expected = rows * columns * samples * constructor.BYTES_PER_ELEMENT;
  if (buffer.byteLength !== expected) {
    throw new FilmError(
      "wrong_length",
      `The film arrived with ${buffer.byteLength} bytes instead of ${expected}.`,
    );
  }
  const native = HOST_IS_LITTLE_ENDIAN
    ? buffer
    : swapped(buffer, constructor.BYTES_PER_ELEMENT);
  const pixels = new constructor(native);
  const [min, max] = rangeOf(pixels);
  return { meta, frame, pixels, min, max };
}

/** Return the value the file means at a pixel: slope x stored + intercept, or null outside. */
export function valueAt(film: Film, column: number, row: number): readonly number[] | null {
  const { meta, pixels } = film;
  if (column < 0 || row < 0 || column >= meta.columns || row >= meta.rows) return null;
  const at = (row * meta.columns + column) * meta.samples;
  const values: number[] = [];
  for (let sample = 0; sample < meta.samples; sample += 1) {
    values.push(meta.slope * (pixels[at + sample] as number) + meta.intercept);
  }
  return values;
}
