/** Views of the pixels themselves: residual, local noise, bit planes. Pure. */

/** Row-major values of one channel. */
export interface Grey {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Return the weights of a Gaussian out to three sigma; they add up to 1. */
function gaussian(sigma: number): Float32Array {
  const reach = Math.ceil(3 * sigma);
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Convolve along one axis; beyond the edge the edge is repeated. */
function convolve(grey: Grey, weights: Float32Array, isAcross: boolean): Grey {
  const { rows, columns, values } = grey;
  const out = new Float32Array(values.length);
  const reach = (weights.length - 1) / 2;
  const [length, stride] = isAcross ? [columns, 1] : [rows, columns];
  for (let line = 0; line < (isAcross ? rows : columns); line += 1) {
    const start = isAcross ? line * columns : line;
    for (let at = 0; at < length; at += 1) {
      let sum = 0;
      for (let k = -reach; k <= reach; k += 1) {
        const from = Math.min(length - 1, Math.max(0, at + k));
        sum += (weights[k + reach] as number) * (values[start + from * stride] as number);
      }
      out[start + at * stride] = sum;
    }
  }
  return { rows, columns, values: out };
}

export function blur(grey: Grey, sigma: number): Grey {
  const weights = gaussian(sigma);
  return convolve(convolve(grey, weights, true), weights, false);
}

/** Return what is finer than `sigma` pixels: the film less its Gaussian blur. */
export function residualOf(grey: Grey, sigma: number): Grey {
  const smooth = blur(grey, sigma).values;
  return { ...grey, values: grey.values.map((value, i) => value - (smooth[i] as number)) };
}

/** Return means over squares of 2 x `reach` + 1 pixels, clipped at the edges. */
export function boxMean({ rows, columns, values }: Grey, reach: number): Grey {
  // A table of sums: doubles, since a film has millions of values.
  const width = columns + 1;
  const sums = new Float64Array((rows + 1) * width);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let column = 0; column < columns; column += 1) {
      sum += values[row * columns + column] as number;
      const above = sums[row * width + column + 1] as number;
      sums[(row + 1) * width + column + 1] = above + sum;
    }
  }
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    const [top, bottom] = [Math.max(0, row - reach), Math.min(rows, row + reach + 1)];
    for (let column = 0; column < columns; column += 1) {
      const [left, right] = [
        Math.max(0, column - reach),
        Math.min(columns, column + reach + 1),
      ];
      const total =
        (sums[bottom * width + right] as number) -
        (sums[top * width + right] as number) -
        (sums[bottom * width + left] as number) +
        (sums[top * width + left] as number);
      out[row * columns + column] = total / ((bottom - top) * (right - left));
    }
  }
  return { rows, columns, values: out };
}

const NOISE_SIGMA_PX = 1;

/** Return the local standard deviation of the fine residual, in stored values. */
export function noiseOf(grey: Grey, reach: number): Grey {
  const residual = residualOf(grey, NOISE_SIGMA_PX);
  const mean = boxMean(residual, reach).values;
  const square = boxMean(
    { ...residual, values: residual.values.map((value) => value * value) },
    reach,
  );
  return {
    ...grey,
    values: square.values.map((value, i) =>
      Math.sqrt(Math.max(0, value - (mean[i] as number) ** 2)),
    ),
  };
}

/** Return 1 where bit `bit` of the stored value is set; bit 0 counts least. */
export function bitPlaneOf(grey: Grey, bit: number): Grey {
  return {
    ...grey,
    // Floor, not a shift: 32-bit films and negative values keep their bits.
    values: grey.values.map((value) => Math.abs(Math.floor(value / 2 ** bit) % 2)),
  };
}

/** Return the value below which `share` (0..1) of a sample of the values lies. */
export function quantile(values: Float32Array, share: number): number {
  const step = Math.max(1, Math.floor(values.length / 100_000));
  const sample = Float32Array.from(
    { length: Math.ceil(values.length / step) },
    (_, i) => values[i * step] as number,
  ).sort();
  return sample[Math.round(share * (sample.length - 1))] ?? 0;
}

/** Return grey levels 0..255 between `low` and `high`. */
export function levelsOf(
  grey: Grey,
  low: number,
  high: number,
): Uint8ClampedArray<ArrayBuffer> {
  const span = high > low ? high - low : 1;
  return Uint8ClampedArray.from(grey.values, (value) => (255 * (value - low)) / span);
}
