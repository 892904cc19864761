export { decodeFrame, valueAt, type Film, type Pixels } from "./decode";
export { FilmError } from "./errors";
export { filmLiesAt, FilmStore, type FramePlace } from "./films";
export { Painter, type Matrix } from "./paint";
export { framesOf, stackHeads, stackOf, type StackImage, type StackStudy } from "./stacks";
export { statisticsOf, type Statistics } from "./statistics";
export {
  greyLevel,
  greyTable,
  initialVoi,
  initialWindow,
  isMadeUp,
  NO_WINDOW_LABEL,
  percentileWindow,
  showsSomething,
  smallestWidth,
  usableWindows,
  voiFunctionOf,
  type GreyTable,
  type VoiFunction,
  type Window,
} from "./window";
