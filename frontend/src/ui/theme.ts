/** Dark unless the reader chose otherwise; "system" alone follows prefers-color-scheme. */
import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light" | "system";

const STORAGE_KEY = "truefilm.theme";
const listeners = new Set<() => void>();

export function readTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === "light" || stored === "system" ? stored : "dark";
}

function isLight(theme: Theme): boolean {
  if (theme === "system") return matchMedia("(prefers-color-scheme: light)").matches;
  return theme === "light";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = isLight(theme) ? "light" : "dark";
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(STORAGE_KEY, theme);
  applyTheme(theme);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: light)");
  const onSystemChange = () => applyTheme(readTheme());
  listeners.add(listener);
  media.addEventListener("change", onSystemChange);
  return () => {
    listeners.delete(listener);
    media.removeEventListener("change", onSystemChange);
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme);
}
