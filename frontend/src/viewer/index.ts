export type { CornerFacts } from "./CornerText";
export { FilmViewer, type FilmViewerProps } from "./FilmViewer";
export type { HeatmapView } from "./HeatmapLayer";
export { decodeHeatmap, hasNoLocation, HeatmapError, type Heatmap } from "./heatmap";
export type { Highlight } from "./Marks";
export { describeRegion } from "./regions";
export type { ComparedStack } from "./comparePairs";
export { CompareViewer } from "./CompareViewer";
export { AS_IS, type Alignment } from "./linked";
