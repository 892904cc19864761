/** A line at the foot of the page that says what happened, in plain words, and goes away. */
import { t } from "@lingui/core/macro";
import { CircleAlert, Info, X } from "lucide-react";
import { useSyncExternalStore } from "react";

import { Button, IconButton } from "./Button";
import "./toast.css";

/** What can still be done about the news: undo it. */
interface Deed {
  label: string;
  run: () => void;
}

interface Toast {
  id: number;
  text: string;
  tone: "info" | "problem";
  deed: Deed | undefined;
}

const SHOWN_MS = 6_000;
/** Time to read it, to decide, and to reach the button. */
const SHOWN_WITH_DEED_MS = 20_000;
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function dismiss(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

/** Problems stay until they are dismissed; news leaves by itself. */
export function tell(text: string, tone: Toast["tone"] = "info", deed?: Deed): void {
  const id = nextId;
  nextId += 1;
  change([
    ...toasts.filter((toast) => toast.text !== text).slice(-2),
    { id, text, tone, deed },
  ]);
  const shownMs = deed === undefined ? SHOWN_MS : SHOWN_WITH_DEED_MS;
  if (tone === "info") setTimeout(() => dismiss(id), shownMs);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className="toast">
          {toast.tone === "problem" ? (
            <CircleAlert size={16} aria-hidden className="tone-amber" />
          ) : (
            <Info size={16} aria-hidden className="tone-accent" />
          )}
          <span>{toast.text}</span>
          {toast.deed === undefined ? null : (
            <Button
              small
              onClick={() => {
                dismiss(toast.id);
                toast.deed?.run();
              }}
            >
              {toast.deed.label}
            </Button>
          )}
          <IconButton label={t`Dismiss`} small onClick={() => dismiss(toast.id)}>
            <X size={14} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
