/** The rail beside the film: bring a section into sight, give a field the focus. */
import { useCallback, useMemo, useRef } from "react";

export function useRail() {
  const ref = useRef<HTMLElement>(null);
  const showSection = useCallback((name: string, focus: string) => {
    const section = ref.current?.querySelector(`[data-section="${name}"]`);
    section?.scrollIntoView({ block: "start" });
    section?.querySelector<HTMLElement>(focus)?.focus({ preventScroll: true });
  }, []);
  const focusOn = useCallback((what: string) => {
    ref.current?.querySelector<HTMLElement>(what)?.focus();
  }, []);
  const toTop = useCallback(() => ref.current?.scrollTo({ top: 0 }), []);
  const rail = useMemo(() => ({ showSection, focusOn, toTop }), [showSection, focusOn, toTop]);
  return [ref, rail] as const;
}

export type Rail = ReturnType<typeof useRail>[1];
