/** What a panel shows when it has nothing to show: loading, empty, failed. */
import { CircleAlert, Inbox, RotateCw } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";

import { Button } from "./Button";

export function Skeleton({
  width,
  height = 12,
}: {
  width?: CSSProperties["width"];
  height?: number;
}) {
  return <div className="skeleton" style={{ width: width ?? "100%", height }} aria-hidden />;
}

/** Lines the height of list rows, with the reason read out once. */
export function SkeletonRows({ label, count = 12 }: { label: string; count?: number }) {
  return (
    <div role="status" className="skeleton-rows">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} style={{ padding: "11px 16px", opacity: 1 - index / (count * 1.15) }}>
          <Skeleton width={`${92 - ((index * 17) % 38)}%`} />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  title: string;
  icon?: LucideIcon;
  children?: ReactNode;
}

export function EmptyState({ title, icon: Icon = Inbox, children }: EmptyProps) {
  return (
    <div className="state">
      <Icon size={28} strokeWidth={1.5} aria-hidden />
      <p className="state-title">{title}</p>
      {children}
    </div>
  );
}

interface ErrorProps {
  /** What could not be done: "The worklist could not be loaded". */
  title: string;
  error: unknown;
  onRetry?: () => void;
}

/** What, why, and what now. */
export function ErrorState({ title, error, onRetry }: ErrorProps) {
  const why = error instanceof Error ? error.message : "";
  return (
    <div className="state" role="alert">
      <CircleAlert size={28} strokeWidth={1.5} aria-hidden className="tone-amber" />
      <p className="state-title">{title}</p>
      {why === "" ? null : <p>{why}</p>}
      {onRetry === undefined ? null : (
        <Button onClick={onRetry}>
          <RotateCw size={14} aria-hidden />
          Try again
        </Button>
      )}
    </div>
  );
}
