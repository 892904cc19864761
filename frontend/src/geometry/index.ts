export * from "./affine";
export * from "./contour";
export * from "./measure";
export * from "./points";
export * from "./polygon";
export * from "./view";
