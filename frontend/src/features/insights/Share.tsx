import { t } from "@lingui/core/macro";
import type { Interval } from "@/api/types";
import { formatCount, formatPercent } from "@/ui/format";

import { Spread, Tile } from "./Tiles";

/** What a share is of, in a sentence. */
export interface Whole {
  readonly none: string;
  readonly some: (count: string, total: number) => string;
}

/** A share as a tile: its number, its interval, and what it is of. */
export function Share({ label, share, of }: { label: string; share: Interval; of: Whole }) {
  return (
    <Tile label={label} value={share.value === null ? t`none yet` : formatPercent(share.value)}>
      <Spread interval={share} />
      {share.value === null
        ? of.none
        : of.some(formatCount(Math.round(share.value * share.n)), share.n)}
    </Tile>
  );
}
