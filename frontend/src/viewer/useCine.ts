import { useCallback, useEffect, useRef, useState } from "react";

import type { FramePlace } from "@/imaging";
import { films } from "@/imaging/cornerstone";

export const CINE_RATES = [2, 5, 10, 15, 25] as const;

export interface Cine {
  readonly isOn: boolean;
  readonly rate: number;
  readonly toggle: () => void;
  readonly stop: () => void;
  readonly setRate: (framesPerSecond: number) => void;
}

/** Runs through a stack in a circle, no faster than its slices arrive. */
export function useCine(
  stack: readonly FramePlace[],
  at: number,
  onIndex: (index: number) => void,
): Cine {
  const [isOn, setOn] = useState(false);
  const [rate, setRate] = useState(10);
  const latest = useRef({ stack, at, onIndex });
  useEffect(() => {
    latest.current = { stack, at, onIndex };
  });
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => {
      const now = latest.current;
      const next = (now.at + 1) % now.stack.length;
      const place = now.stack[next];
      // A slice that is not here yet is waited for, so that none is passed over.
      if (place && films.has(place.imageId, place.frame)) now.onIndex(next);
      else if (place) films.prefetchAround([place]);
    }, 1000 / rate);
    return () => clearInterval(timer);
  }, [isOn, rate]);
  const toggle = useCallback(() => setOn((on) => !on), []);
  const stop = useCallback(() => setOn(false), []);
  return { isOn: isOn && stack.length > 1, rate, toggle, stop, setRate };
}
