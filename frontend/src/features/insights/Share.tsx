import type { Interval } from "@/api/types";
import { formatCount, formatPercent, plural } from "@/ui/format";

import { Spread, Tile } from "./Tiles";

/** A share as a tile: its number, its interval, and what it is of. */
export function Share({ label, share, of }: { label: string; share: Interval; of: string }) {
  return (
    <Tile label={label} value={share.value === null ? "none yet" : formatPercent(share.value)}>
      <Spread interval={share} />
      {share.value === null
        ? `You had no ${of} among these.`
        : `${formatCount(Math.round(share.value * share.n))} of ${plural(share.n, of)}`}
    </Tile>
  );
}
