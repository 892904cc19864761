import { useEffect, useRef, type RefObject } from "react";

import type { PointCanvas, PointImage } from "@/geometry";

import type { Stage } from "./stage";
import type { FilmPlace } from "./useStage";

const DIAMETER_PX = 220;
const ENLARGEMENT = 2.5;

interface LensProps {
  readonly stageRef: RefObject<Stage | null>;
  readonly place: FilmPlace;
  readonly at: PointImage;
  readonly canvas: PointCanvas;
}

/** A round magnifier under the pointer. */
export function Lens({ stageRef, place, at, canvas }: LensProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const lens = ref.current;
    const stage = stageRef.current;
    if (lens && stage) stage.drawLens(lens, place, at, ENLARGEMENT);
  });
  const pixels = Math.round(DIAMETER_PX * (window.devicePixelRatio || 1));
  return (
    <canvas
      ref={ref}
      className="lens"
      data-lens=""
      aria-hidden
      width={pixels}
      height={pixels}
      style={{
        width: DIAMETER_PX,
        height: DIAMETER_PX,
        left: canvas[0] - DIAMETER_PX / 2,
        top: canvas[1] - DIAMETER_PX / 2,
      }}
    />
  );
}
