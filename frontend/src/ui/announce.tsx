/** One polite live region for the whole page: `announce("Claimed.")` is read out. */
import { useSyncExternalStore } from "react";

let current = { text: "", count: 0 };
const listeners = new Set<() => void>();

export function announce(text: string): void {
  current = { text, count: current.count + 1 };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function LiveRegion() {
  const { text, count } = useSyncExternalStore(subscribe, () => current);
  return (
    <div role="status" aria-live="polite" className="visually-hidden">
      {/* A new element each time, so that the same words twice are read twice. */}
      <span key={count}>{text}</span>
    </div>
  );
}
