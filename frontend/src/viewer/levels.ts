/** Where a map has a contour. */
export const CONTOUR_LEVELS = [0.25, 0.5, 0.75] as const;
