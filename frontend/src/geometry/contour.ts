import { pointGrid, type PointGrid } from "./points";

export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export interface Contour {
  readonly level: number;
  readonly points: readonly PointGrid[];
  readonly closed: boolean;
}

type Edge = readonly [from: PointGrid, to: PointGrid];

/** Return the value of a cell; the ring outside the grid is lower than any level. */
function valueAt(grid: Grid, row: number, column: number): number {
  if (row < 0 || column < 0 || row >= grid.rows || column >= grid.columns) return -1;
  return grid.values[row * grid.columns + column] ?? -1;
}

function crossing(
  level: number,
  a: readonly [column: number, row: number, value: number],
  b: readonly [column: number, row: number, value: number],
): PointGrid {
  // Always interpolated from the same end, so that neighbours agree to the last bit.
  const [p, q] = a[1] < b[1] || (a[1] === b[1] && a[0] < b[0]) ? [a, b] : [b, a];
  const t = (level - p[2]) / (q[2] - p[2]);
  return pointGrid(p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]));
}

/** Return the pieces of the level line inside the square whose top-left cell is given. */
function squareEdges(grid: Grid, level: number, row: number, column: number): Edge[] {
  const corners = [
    [column, row, valueAt(grid, row, column)],
    [column + 1, row, valueAt(grid, row, column + 1)],
    [column + 1, row + 1, valueAt(grid, row + 1, column + 1)],
    [column, row + 1, valueAt(grid, row + 1, column)],
  ] as const;
  const [tl, tr, br, bl] = corners;
  const code =
    (tl[2] >= level ? 8 : 0) |
    (tr[2] >= level ? 4 : 0) |
    (br[2] >= level ? 2 : 0) |
    (bl[2] >= level ? 1 : 0);
  if (code === 0 || code === 15) return [];
  const top = () => crossing(level, tl, tr);
  const right = () => crossing(level, tr, br);
  const bottom = () => crossing(level, bl, br);
  const left = () => crossing(level, tl, bl);
  // Saddles (5, 10): the mean of the four corners decides which pair is joined.
  const high = (tl[2] + tr[2] + br[2] + bl[2]) / 4 >= level;
  switch (code) {
    case 1:
    case 14:
      return [[left(), bottom()]];
    case 2:
    case 13:
      return [[bottom(), right()]];
    case 3:
    case 12:
      return [[left(), right()]];
    case 4:
    case 11:
      return [[top(), right()]];
    case 6:
    case 9:
      return [[top(), bottom()]];
    case 7:
    case 8:
      return [[left(), top()]];
    case 5:
      return high
        ? [
            [left(), top()],
            [bottom(), right()],
          ]
        : [
            [left(), bottom()],
            [top(), right()],
          ];
    default:
      return high
        ? [
            [left(), bottom()],
            [top(), right()],
          ]
        : [
            [left(), top()],
            [bottom(), right()],
          ];
  }
}

const keyOf = (p: PointGrid): string => `${p[0].toFixed(6)},${p[1].toFixed(6)}`;

/** Return the pieces joined end to end into the longest lines. */
function joinEdges(edges: readonly Edge[], level: number): Contour[] {
  const byEnd = new Map<string, number[]>();
  edges.forEach(([a, b], i) => {
    for (const key of [keyOf(a), keyOf(b)]) byEnd.set(key, [...(byEnd.get(key) ?? []), i]);
  });
  const used = new Set<number>();
  const walk = (line: PointGrid[]): void => {
    for (;;) {
      const end = line[line.length - 1];
      if (!end) return;
      const key = keyOf(end);
      const next = byEnd.get(key)?.find((i) => !used.has(i));
      const edge = next === undefined ? undefined : edges[next];
      if (next === undefined || !edge) return;
      used.add(next);
      line.push(keyOf(edge[0]) === key ? edge[1] : edge[0]);
    }
  };
  const lines: Contour[] = [];
  edges.forEach((edge, i) => {
    if (used.has(i)) return;
    used.add(i);
    const line: PointGrid[] = [edge[0], edge[1]];
    walk(line);
    line.reverse();
    walk(line);
    const [first, last] = [line[0], line[line.length - 1]];
    const closed = first !== undefined && last !== undefined && keyOf(first) === keyOf(last);
    lines.push({ level, points: line, closed });
  });
  return lines;
}

/**
 * Return the lines along which the grid crosses `level`, in grid cells.
 *
 * A hot area that touches the border is closed along it; where all of the grid is hot,
 * nothing is crossed and a frame around the film would point at a place. Source: marching squares with
 * the saddle rule of the cell mean (Maple 2003).
 */
export function contourLines(grid: Grid, level: number): Contour[] {
  if (grid.values.every((value) => value >= level)) return [];
  const edges: Edge[] = [];
  for (let row = -1; row < grid.rows; row += 1) {
    for (let column = -1; column < grid.columns; column += 1) {
      edges.push(...squareEdges(grid, level, row, column));
    }
  }
  const distinct = edges.filter(([a, b]) => keyOf(a) !== keyOf(b));
  return joinEdges(distinct, level);
}
