/** The two-dimensional spectrum of a square of the film. Pure. */
import type { Grey } from "./transforms";

/** Replace a signal of 2^n values by its Fourier transform (Cooley and Tukey 1965). */
export function fft(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j] as number, real[i] as number];
      [imaginary[i], imaginary[j]] = [imaginary[j] as number, imaginary[i] as number];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const turn = (-2 * Math.PI) / size;
    const half = size / 2;
    for (let k = 0; k < half; k += 1) {
      const [cos, sin] = [Math.cos(turn * k), Math.sin(turn * k)];
      for (let i = k; i < n; i += size) {
        const j = i + half;
        const [a, b] = [real[j] as number, imaginary[j] as number];
        const [re, im] = [a * cos - b * sin, a * sin + b * cos];
        real[j] = (real[i] as number) - re;
        imaginary[j] = (imaginary[i] as number) - im;
        real[i] = (real[i] as number) + re;
        imaginary[i] = (imaginary[i] as number) + im;
      }
    }
  }
}

const LARGEST_SIDE = 1024;

/** Return the side of the largest square of 2^n pixels that fits, 1024 at most. */
export function spectrumSide({ rows, columns }: Pick<Grey, "rows" | "columns">): number {
  return Math.min(LARGEST_SIDE, 2 ** Math.floor(Math.log2(Math.min(rows, columns))));
}

/** Return the square in the middle, its mean removed, faded at the edges (Hann). */
function middleOf(grey: Grey, side: number): Float64Array {
  const top = (grey.rows - side) >> 1;
  const left = (grey.columns - side) >> 1;
  const square = Float64Array.from(
    { length: side * side },
    (_, i) =>
      grey.values[(top + Math.floor(i / side)) * grey.columns + left + (i % side)] as number,
  );
  const mean = square.reduce((a, b) => a + b, 0) / square.length;
  const fade = Float64Array.from(
    { length: side },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / side),
  );
  return square.map(
    (value, i) =>
      (value - mean) * (fade[i % side] as number) * (fade[Math.floor(i / side)] as number),
  );
}

/**
 * Return log(1 + magnitude) of the spectrum of the film's middle, frequency 0 in the
 * middle at [side / 2, side / 2]; one pixel is 1 / side cycles per film pixel.
 */
export function spectrumOf(grey: Grey): Grey {
  const side = spectrumSide(grey);
  const real = middleOf(grey, side);
  const imaginary = new Float64Array(real.length);
  const line = { real: new Float64Array(side), imaginary: new Float64Array(side) };
  const transform = (start: number, stride: number) => {
    for (let i = 0; i < side; i += 1) {
      line.real[i] = real[start + i * stride] as number;
      line.imaginary[i] = imaginary[start + i * stride] as number;
    }
    fft(line.real, line.imaginary);
    for (let i = 0; i < side; i += 1) {
      real[start + i * stride] = line.real[i] as number;
      imaginary[start + i * stride] = line.imaginary[i] as number;
    }
  };
  for (let row = 0; row < side; row += 1) transform(row * side, 1);
  for (let column = 0; column < side; column += 1) transform(column, side);
  const values = new Float32Array(side * side);
  const half = side / 2;
  for (let i = 0; i < values.length; i += 1) {
    const row = (Math.floor(i / side) + half) % side;
    const column = ((i % side) + half) % side;
    const magnitude = Math.hypot(real[i] as number, imaginary[i] as number);
    values[row * side + column] = Math.log1p(magnitude);
  }
  return { rows: side, columns: side, values };
}
