export * from "./affine";
export * from "./contour";
export * from "./measure";
export * from "./orientation";
export * from "./points";
export * from "./polygon";
export * from "./spans";
export * from "./view";
