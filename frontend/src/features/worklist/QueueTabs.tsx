/** The caller's queues of a worklist, with how many open cases each holds. */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";

import { queuesQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { Queue } from "@/api/types";
import { formatCount } from "@/ui/format";

interface QueueTabsProps {
  readonly slug: string;
  /** The filter `mine`; empty: the whole worklist. */
  readonly shown: string;
  readonly onShow: (mine: string) => void;
}

const TABS: readonly { mine: string; label: string; queue: Queue | null }[] = [
  { mine: "", label: t`Whole worklist`, queue: null },
  { mine: "true", label: t`My queue`, queue: "mine" },
  { mine: "unclaimed", label: t`Unclaimed`, queue: "unclaimed" },
  { mine: "second_reads", label: t`Second reads`, queue: "second_reads" },
  { mine: "asked", label: t`Asked of me`, queue: "asked" },
  { mine: "adjudication", label: t`Adjudication`, queue: "adjudication" },
];

/** The server counts a queue no further than this. */
const COUNTED_TO = 1000;

function queueCount(count: number): string {
  return count > COUNTED_TO ? `${formatCount(COUNTED_TO)}+` : formatCount(count);
}

export function QueueTabs({ slug, shown, onShow }: QueueTabsProps) {
  const me = useMe();
  const counts = useQuery(queuesQuery(slug)).data;
  const tabs = TABS.filter(({ queue }) => queue !== "adjudication" || may(me, "adjudicate"));
  return (
    <div className="queue-tabs" role="group" aria-label={t`Queues`}>
      {tabs.map(({ mine, label, queue }) => (
        <button
          key={label}
          type="button"
          className="queue-tab"
          aria-pressed={shown === mine}
          onClick={() => onShow(mine)}
        >
          {label}
          {queue === null || counts === undefined ? null : (
            <span className="queue-count" data-empty={counts[queue] === 0}>
              {queueCount(counts[queue])}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
