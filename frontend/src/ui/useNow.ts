import { useEffect, useState } from "react";

const CALM_MS = 20_000;

/** The time in ms, refreshed every `everyMs` while mounted. */
export function useNow(everyMs: number = CALM_MS): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
