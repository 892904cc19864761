/** The bell in the top bar: what waits for this person and what happened, live. */
import { t } from "@lingui/core/macro";
import {
  Bell as BellIcon,
  CircleCheck,
  FileCheck,
  Mail,
  MailOpen,
  MessageCircleQuestionMark,
  MessageCircleReply,
  ShieldAlert,
  UserRoundCheck,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Link } from "react-router";

import type { Notification } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatWhen } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";

import type { BellLine } from "./bellLines";
import { useBell } from "./useBell";
import "./bell.css";

const ICONS: Record<Notification["kind"], LucideIcon> = {
  assigned: UserRoundCheck,
  asked: MessageCircleQuestionMark,
  replied: MessageCircleReply,
  upload_finished: FileCheck,
  upload_quarantined: ShieldAlert,
};

/** More would not fit, and the number says no more. */
function badgeText(unread: number): string {
  return unread > 99 ? "99+" : String(unread);
}

type At = ReturnType<typeof useBell>;

interface LineProps {
  readonly line: BellLine;
  readonly mark: At["mark"];
  readonly onGo: () => void;
}

function Line({ line, mark, onGo }: LineProps) {
  const { id, kind, words, about, at, to, isRead } = line;
  const Icon = ICONS[kind];
  const deed = isRead ? t`Mark as new` : t`Mark as read`;
  const Envelope = isRead ? Mail : MailOpen;
  return (
    <li className="bell-line" data-read={isRead}>
      <Link
        to={to}
        onClick={() => {
          if (id !== null && !isRead) mark([id], true);
          onGo();
        }}
      >
        <Icon size={16} aria-hidden />
        <span className="bell-words">
          {isRead ? null : <span className="visually-hidden">{t`New:`} </span>}
          <span>{words}</span>
          {about === "" ? null : <span className="bell-about truncate">{about}</span>}
        </span>
        <time dateTime={at}>{formatWhen(at)}</time>
      </Link>
      {id === null ? null : (
        <Button
          variant="ghost"
          small
          className="button-icon"
          aria-label={`${deed}: ${words}`}
          title={deed}
          onClick={() => mark([id], !isRead)}
        >
          <Envelope size={14} aria-hidden />
        </Button>
      )}
    </li>
  );
}

interface PartProps {
  readonly title: string;
  readonly lines: readonly BellLine[];
  readonly mark: At["mark"];
  readonly onGo: () => void;
}

function Part({ title, lines, mark, onGo }: PartProps) {
  if (lines.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <Line key={line.key} line={line} mark={mark} onGo={onGo} />
        ))}
      </ul>
    </section>
  );
}

function Lines({ at, onGo }: { at: At; onGo: () => void }) {
  if (at.error) {
    return (
      <ErrorState
        title={t`Your notifications could not be loaded`}
        error={at.error}
        onRetry={at.retry}
      />
    );
  }
  if (at.isPending) return <SkeletonRows label={t`Loading your notifications`} count={4} />;
  if (at.waiting.length + at.others.length === 0) {
    return (
      <p className="bell-none">
        <CircleCheck size={20} strokeWidth={1.5} aria-hidden />
        {t`Nothing yet. Cases given to you, questions, replies and your uploads appear here.`}
      </p>
    );
  }
  return (
    <>
      <Part title={t`Asked of you`} lines={at.waiting} mark={at.mark} onGo={onGo} />
      <Part title={t`What happened`} lines={at.others} mark={at.mark} onGo={onGo} />
    </>
  );
}

export function Bell() {
  const [open, setOpen] = useState(false);
  const at = useBell();
  const { unread, unreadIds, mark } = at;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className="button button-ghost button-icon bell"
        aria-label={unread === 0 ? t`Notifications` : t`Notifications, ${unread} new`}
        title={t`Notifications`}
      >
        <BellIcon size={17} strokeWidth={1.75} aria-hidden />
        {unread === 0 ? null : (
          <span className="bell-count" aria-hidden>
            {badgeText(unread)}
          </span>
        )}
      </Popover.Trigger>
      <Popover.Content
        className="menu bell-panel"
        align="end"
        sideOffset={6}
        collisionPadding={8}
        aria-label={t`Notifications`}
      >
        <div className="bell-head">
          <h2>{t`Notifications`}</h2>
          <Button
            variant="ghost"
            small
            disabled={unreadIds.length === 0}
            onClick={() => mark(unreadIds, true)}
          >
            {t`Mark all as read`}
          </Button>
        </div>
        <div className="bell-list">
          <Lines at={at} onGo={() => setOpen(false)} />
        </div>
      </Popover.Content>
    </Popover.Root>
  );
}
