/** What stands in the cells of the worklist. */
import { t } from "@lingui/core/macro";
import {
  AlarmClock,
  ChevronsUp,
  ChevronUp,
  CircleCheck,
  CircleDashed,
  CircleDot,
  Eye,
  Flag,
  Lock,
  LogOut,
  Scale,
  Timer,
  Users,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";

import type { CaseRow } from "@/api/types";
import { formatFixed, formatMinutes, formatSince } from "@/ui/format";
import { laneLabel } from "@/ui/lanes";

const STATE_BADGES: Record<CaseRow["state"], { text: string; icon: LucideIcon; tone: string }> =
  {
    analysing: { text: t`Analysing`, icon: CircleDashed, tone: "tone-grey" },
    ready: { text: t`Ready`, icon: CircleDot, tone: "tone-accent" },
    in_read: { text: t`In read`, icon: Eye, tone: "tone-grey" },
    sealed: { text: t`Sealed`, icon: Lock, tone: "tone-grey" },
    second_read: { text: t`Second read`, icon: Users, tone: "tone-accent" },
    adjudication: { text: t`Adjudication`, icon: Scale, tone: "tone-amber" },
    done: { text: t`Done`, icon: CircleCheck, tone: "tone-grey" },
  };

/** Where the case stands; while lanes run, how many of them have reported. */
export function StateCell({ row, isGone }: { row: CaseRow; isGone: boolean }) {
  if (isGone) {
    return <Badge text={t`Left this list`} icon={LogOut} tone="tone-grey" />;
  }
  if (row.state === "analysing") {
    const { done, total } = row.progress;
    return (
      <span className="lane-progress">
        <span className="bar tone-accent" aria-hidden>
          <span style={{ width: total === 0 ? 0 : `${(100 * done) / total}%` }} />
        </span>
        <span>{t`${done}/${total} lanes`}</span>
      </span>
    );
  }
  if (row.read_phase === "sealed" && row.state !== "done") {
    return <Badge text={t`Verdict due`} icon={Lock} tone="tone-amber" />;
  }
  return <Badge {...STATE_BADGES[row.state]} />;
}

function Badge({ text, icon: Icon, tone }: { text: string; icon: LucideIcon; tone: string }) {
  return (
    <span className="badge">
      <Icon size={14} aria-hidden className={tone} />
      {text}
    </span>
  );
}

/** The class people gave the case; routine, the rule, is said to screen readers only. */
export function PriorityCell({ row: { priority } }: { row: CaseRow }) {
  if (priority === "routine") return <span className="visually-hidden">{t`Routine`}</span>;
  return priority === "stat" ? (
    <Badge text={t`Stat`} icon={ChevronsUp} tone="tone-red" />
  ) : (
    <Badge text={t`Urgent`} icon={ChevronUp} tone="tone-amber" />
  );
}

/** Less than this share of the time to read is left: say so. */
const NEARLY_DUE = 0.25;

/** How long the case has waited; when it is nearly due or overdue, that, with its sign. */
export function WaitingCell({ row, nowMs }: { row: CaseRow; nowMs: number }) {
  if (row.state === "done") return null;
  const dueMs = Date.parse(row.due_at);
  const leftMs = dueMs - nowMs;
  const wholeMs = dueMs - Date.parse(row.received_at);
  const minutes = formatMinutes(Math.abs(leftMs) / 60_000);
  const isNow = Math.abs(leftMs) < 60_000;
  if (leftMs < 0) {
    const text = isNow ? t`Overdue` : t`Overdue ${minutes}`;
    return <Badge text={text} icon={AlarmClock} tone="tone-red" />;
  }
  if (leftMs < NEARLY_DUE * wholeMs) {
    const text = isNow ? t`Due now` : t`Due in ${minutes}`;
    return <Badge text={text} icon={Timer} tone="tone-amber" />;
  }
  return <>{formatSince(row.received_at, nowMs)}</>;
}

export function FlagCell({ triage }: { triage: CaseRow["triage"] }) {
  if (triage?.flagged !== true) return null;
  return (
    <span className="badge tone-amber">
      <Flag size={13} aria-hidden fill="currentColor" />
      {t`Flagged`}
    </span>
  );
}

export function SuspicionCell({ row: { triage, state } }: { row: CaseRow }) {
  if (state === "analysing" && typeof triage?.suspicion !== "number") {
    return <span className="cell-quiet">{t`analysing`}</span>;
  }
  if (!triage) return <span className="cell-quiet">{t`not yet`}</span>;
  if (triage.suspicion === null) return <span className="cell-quiet">{t`not assessable`}</span>;
  return (
    <span className="suspicion">
      <span className="suspicion-number">{formatFixed(triage.suspicion, 2)}</span>
      <span className={`bar ${triage.flagged ? "tone-amber" : "tone-grey"}`} aria-hidden>
        <span style={{ width: `${triage.suspicion * 100}%` }} />
      </span>
    </span>
  );
}

export function ReasonCell({ row: { triage, state } }: { row: CaseRow }) {
  if (!triage || (state === "analysing" && triage.top_lane === null)) {
    return <span className="cell-quiet">{t`The lanes are at work.`}</span>;
  }
  return (
    <span title={triage.reason}>
      {triage.top_lane === null ? null : <strong>{laneLabel(triage.top_lane)} </strong>}
      <span lang="en" className={triage.flagged ? "" : "cell-quiet"}>
        {triage.reason}
      </span>
    </span>
  );
}
