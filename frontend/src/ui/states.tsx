/** What a panel shows when it has nothing to show: loading, empty, failed. */
import { t } from "@lingui/core/macro";
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
  /** This is all of the page, so its title is the page's heading. */
  isPage?: boolean;
  icon?: LucideIcon;
  children?: ReactNode;
}

export function EmptyState({ title, isPage, icon: Icon = Inbox, children }: EmptyProps) {
  const Title = isPage === true ? "h1" : "p";
  return (
    <div className="state">
      <Icon size={28} strokeWidth={1.5} aria-hidden />
      <Title className="state-title">{title}</Title>
      {children}
    </div>
  );
}

interface StaleProps {
  /** Why it could not be read anew; nothing is shown for null. */
  error: unknown;
  onRetry: () => void;
}

/** Above what was loaded before and could not be refreshed: it stays, with what is typed into it. */
export function StaleNote({ error, onRetry }: StaleProps) {
  if (error === null || error === undefined) return null;
  return (
    <p role="status" className="stale-note">
      <CircleAlert size={14} aria-hidden className="tone-amber" />
      <span>{t`Not refreshed, this may be old.`}</span>
      <Button small variant="ghost" onClick={onRetry}>
        {t`Try again`}
      </Button>
    </p>
  );
}

interface ErrorProps {
  /** What could not be done: "The worklist could not be loaded". */
  title: string;
  error: unknown;
  isPage?: boolean;
  onRetry?: () => void;
}

/** What, why, and what now. */
export function ErrorState({ title, error, isPage, onRetry }: ErrorProps) {
  const Title = isPage === true ? "h1" : "p";
  const why = error instanceof Error ? error.message : "";
  return (
    <div className="state" role="alert">
      <CircleAlert size={28} strokeWidth={1.5} aria-hidden className="tone-amber" />
      <Title className="state-title">{title}</Title>
      {why === "" ? null : <p>{why}</p>}
      {onRetry === undefined ? null : (
        <Button onClick={onRetry}>
          <RotateCw size={14} aria-hidden />
          {t`Try again`}
        </Button>
      )}
    </div>
  );
}
