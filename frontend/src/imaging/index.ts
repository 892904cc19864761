export { decodeFrame, valueAt, type Film, type Pixels } from "./decode";
export { FilmError } from "./errors";
export { FilmStore } from "./films";
export { Painter, type Matrix } from "./paint";
export {
  greyLevel,
  greyTable,
  initialVoi,
  initialWindow,
  percentileWindow,
  smallestWidth,
  usableWindows,
  voiFunctionOf,
  type GreyTable,
  type VoiFunction,
  type Window,
} from "./window";
