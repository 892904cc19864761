import { describe, expect, it } from "vitest";
import { fft, spectrumOf, spectrumSide } from "./spectrum";
import {
  bitPlaneOf,
  blur,
  boxMean,
  noiseOf,
  quantile,
  residualOf,
  type Grey,
} from "./transforms";
import { computeView, errorPicture, greyOf } from "./views";
import { rangeWords, VIEWS } from "./words";

function greyFrom(
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): Grey {
  const values = Float32Array.from({ length: rows * columns }, (_, i) =>
    at(Math.floor(i / columns), i % columns),
  );
  return { rows, columns, values };
}

/** Park-Miller, two of them added: grain of a known spread, the same each time. */
function grain(seed: number): () => number {
  let state = seed;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  // The sum of two uniform numbers has the variance 2 / 12.
  return () => (next() + next() - 1) * Math.sqrt(6);
}

const valueAt = ({ columns, values }: Grey, row: number, column: number): number =>
  values[row * columns + column] as number;

describe("the spectrum", () => {
  it("agrees with a transform by definition", () => {
    const signal = [3, -1, 4, 1, -5, 9, 2, -6];
    const real = Float64Array.from(signal);
    const imaginary = new Float64Array(8);
    fft(real, imaginary);
    for (let k = 0; k < 8; k += 1) {
      const turn = (n: number) => (-2 * Math.PI * k * n) / 8;
      const re = signal.reduce((sum, x, n) => sum + x * Math.cos(turn(n)), 0);
      const im = signal.reduce((sum, x, n) => sum + x * Math.sin(turn(n)), 0);
      expect(real[k]).toBeCloseTo(re, 9);
      expect(imaginary[k]).toBeCloseTo(im, 9);
    }
  });

  it("of a sine has its two peaks at the sine's frequency", () => {
    // 16 waves across and 8 down 128 pixels.
    const wave = greyFrom(
      128,
      128,
      (row, column) => 1000 + 50 * Math.sin((2 * Math.PI * (16 * column + 8 * row)) / 128),
    );
    const spectrum = spectrumOf(wave);
    const order = [...spectrum.values.keys()].sort(
      (a, b) => (spectrum.values[b] as number) - (spectrum.values[a] as number),
    );
    const peaks = order.slice(0, 2).map((i) => [Math.floor(i / 128) - 64, (i % 128) - 64]);
    expect(peaks).toContainEqual([8, 16]);
    expect(peaks).toContainEqual([-8, -16]);
  });

  it("is of the largest square of 2^n pixels, 1024 at most", () => {
    expect(spectrumSide({ rows: 700, columns: 900 })).toBe(512);
    expect(spectrumSide({ rows: 2500, columns: 2000 })).toBe(1024);
  });

  it("of a film without any structure is flat and finite", () => {
    const { values } = spectrumOf(greyFrom(32, 40, () => 7));
    expect(values.every((value) => value === 0)).toBe(true);
  });
});

describe("the residual", () => {
  it("of an even film and of a slope is nothing, away from the edges", () => {
    const slope = residualOf(
      greyFrom(40, 40, (row, column) => 3 * row + 2 * column),
      1,
    );
    expect(Math.abs(valueAt(slope, 20, 20))).toBeLessThan(1e-3);
  });

  it("keeps a lone pixel, which the blur takes away", () => {
    const dot = greyFrom(21, 21, (row, column) => (row === 10 && column === 10 ? 100 : 0));
    // The middle weight of a Gaussian of sigma 1 cut at three sigma: 1 / 2.5066 across, squared.
    expect(valueAt(blur(dot, 1), 10, 10)).toBeCloseTo(100 / (2 * Math.PI), 0);
    expect(valueAt(residualOf(dot, 1), 10, 10)).toBeCloseTo(100 - 100 / (2 * Math.PI), 0);
    expect(blur(dot, 1).values.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 3);
  });
});

describe("local noise", () => {
  it("tells a quiet patch from the grain around it", () => {
    const next = grain(11);
    const inPatch = (row: number, column: number) =>
      row >= 40 && row < 80 && column >= 40 && column < 80;
    const film = greyFrom(120, 120, (row, column) => {
      const one = next();
      return 500 + one * (inPatch(row, column) ? 2 : 10);
    });
    const noise = noiseOf(film, 5);
    const ratio = valueAt(noise, 20, 20) / valueAt(noise, 60, 60);
    expect(ratio).toBeGreaterThan(4);
    expect(ratio).toBeLessThan(6.5);
  });

  it("rests on means over squares, clipped at the edge", () => {
    const ramp = greyFrom(5, 5, (row, column) => row * 5 + column);
    expect(valueAt(boxMean(ramp, 1), 2, 2)).toBe(12);
    expect(valueAt(boxMean(ramp, 1), 0, 0)).toBe((0 + 1 + 5 + 6) / 4);
  });
});

describe("bit planes", () => {
  it("are the bits of the stored value", () => {
    const film = greyFrom(1, 4, (_, column) => [0, 5, 4095, 6][column] ?? 0);
    expect([...bitPlaneOf(film, 0).values]).toEqual([0, 1, 1, 0]);
    expect([...bitPlaneOf(film, 1).values]).toEqual([0, 0, 1, 1]);
    expect([...bitPlaneOf(film, 11).values]).toEqual([0, 0, 1, 0]);
  });

  it("of signed values are those of two's complement", () => {
    // -2 is ...1110, -3 is ...1101.
    const film = greyFrom(1, 2, (_, column) => [-2, -3][column] ?? 0);
    expect([...bitPlaneOf(film, 0).values]).toEqual([0, 1]);
    expect([...bitPlaneOf(film, 1).values]).toEqual([1, 0]);
  });
});

describe("pictures", () => {
  it("of error levels are brightest where most changed", () => {
    const before = new Uint8ClampedArray(100).fill(100);
    const after = before.map((level, i) => (i < 20 ? level + 12 : level));
    const picture = errorPicture({ rows: 10, columns: 10 }, before, after);
    const { levels } = picture;
    expect([levels[0], levels[50]]).toEqual([255, 0]);
    expect(rangeWords(picture)).toBe("black 0.00, white 12 grey levels of 255");
  });

  it("of the residual are mid-grey where there is none", () => {
    const { levels } = computeView(
      "residual",
      1,
      greyFrom(30, 30, () => 1234),
    );
    expect(levels.every((level) => level === 127 || level === 128)).toBe(true);
  });

  it("of colour films are of their luma", () => {
    const pixels = new Uint8Array([255, 0, 0, 0, 255, 0]);
    const grey = greyOf({ rows: 1, columns: 2, samples: 3, pixels });
    expect(grey.values[0]).toBeCloseTo(76.245, 3);
    expect(grey.values[1]).toBeCloseTo(149.685, 3);
  });

  it("always come with what they cannot tell", () => {
    for (const view of VIEWS) expect(view.cannot.length).toBeGreaterThan(40);
  });

  it("do not let a few wild values set their range", () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i === 0 ? 1e6 : i / 1000));
    expect(quantile(values, 0.99)).toBeLessThan(1);
  });
});
