/**
 * The viridis colour map at 17 even steps, sRGB 0..255.
 *
 * Source: Matplotlib's viridis by Smith, van der Walt and Firing (CC0).
 */
const STOPS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [72, 20, 103],
  [72, 38, 119],
  [69, 55, 129],
  [63, 71, 136],
  [57, 85, 140],
  [50, 100, 142],
  [45, 113, 142],
  [38, 130, 142],
  [35, 138, 141],
  [31, 151, 139],
  [34, 167, 133],
  [53, 183, 121],
  [84, 197, 104],
  [122, 209, 81],
  [170, 220, 50],
  [253, 231, 37],
];

/** Return the colour of `value`; below 0 and above 1 take the ends. */
export function viridis(value: number): readonly [red: number, green: number, blue: number] {
  const at = Math.min(1, Math.max(0, value)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  const t = at - low;
  const [a, b] = [STOPS[low], STOPS[low + 1]];
  if (!a || !b) return [0, 0, 0];
  return [
    Math.round(a[0] + t * (b[0] - a[0])),
    Math.round(a[1] + t * (b[1] - a[1])),
    Math.round(a[2] + t * (b[2] - a[2])),
  ];
}

export function viridisCss(value: number): string {
  return `rgb(${viridis(value).join(" ")})`;
}
