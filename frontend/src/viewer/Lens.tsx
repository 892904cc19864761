import { useEffect, useRef, type RefObject } from "react";

import type { Stage } from "./stage";
import { useStore, type Store } from "./store";
import type { Hover } from "./usePointer";
import type { FilmPlace } from "./useStage";

const DIAMETER_PX = 220;
const ENLARGEMENT = 2.5;

interface LensProps {
  readonly stageRef: RefObject<Stage | null>;
  readonly place: FilmPlace;
  readonly hover: Store<Hover | null>;
}

/** A round magnifier under the pointer. */
export function Lens({ stageRef, place, hover }: LensProps) {
  const at = useStore(hover);
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const lens = ref.current;
    const stage = stageRef.current;
    if (lens && stage && at) stage.drawLens(lens, place, at.image, ENLARGEMENT);
  });
  if (at === null) return null;
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
        left: at.canvas[0] - DIAMETER_PX / 2,
        top: at.canvas[1] - DIAMETER_PX / 2,
      }}
    />
  );
}
