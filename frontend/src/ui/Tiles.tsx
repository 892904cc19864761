import { t } from "@lingui/core/macro";
import type { ReactNode } from "react";

import { formatPercent } from "./format";
import "./tiles.css";

/** A share with its interval; null without observations. */
interface Interval {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A figure with its name and what it is of. */
export function Tile({
  label,
  value,
  children,
}: {
  label: string;
  value: string;
  children: ReactNode;
}) {
  return (
    <section className="panel tile" aria-label={label}>
      <h2>{label}</h2>
      <p className="tile-value">{value}</p>
      <div className="tile-note">{children}</div>
    </section>
  );
}

/** The 95 % interval on a 0..1 scale, in words and as a line. */
export function Spread({ interval }: { interval: Interval }) {
  const { value, low, high } = interval;
  if (value === null || low === null || high === null) return null;
  const at = (ratio: number) => `${Math.min(100, Math.max(0, ratio * 100))}%`;
  return (
    <span className="spread">
      <span className="spread-line" aria-hidden>
        <span style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />
        <i style={{ left: at(value) }} />
      </span>
      <span>{t`95 % interval ${formatPercent(low)} to ${formatPercent(high)}`}</span>
    </span>
  );
}
