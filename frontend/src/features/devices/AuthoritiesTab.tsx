import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { ListX, Plus, Stamp } from "lucide-react";
import { useState } from "react";

import { authoritiesQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { Authority, RevocationList } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatCount, formatDate, formatMoment, shortHash } from "@/ui/format";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

import { AddAuthorityDialog, AddListDialog, WithdrawDialog } from "./AuthorityDialogs";
import { CertificateFacts } from "./Certificate";

type Deed = "authority" | "list" | Authority;

export function AuthoritiesTab() {
  const mayManage = may(useMe(), "manage_devices");
  const authorities = useQuery(authoritiesQuery);
  const [deed, setDeed] = useState<Deed | null>(null);
  const close = () => setDeed(null);
  return (
    <>
      <div className="device-bar">
        <p className="page-lead">
          {t`An authority vouches for signers by name, which makes nobody a trusted device. Its revocation lists end certificates, also those of enrolled devices.`}
        </p>
        <span className="spacer" />
        {mayManage ? (
          <>
            <Button onClick={() => setDeed("list")}>
              <ListX size={15} aria-hidden />
              {t`Add a revocation list`}
            </Button>
            <Button variant="primary" onClick={() => setDeed("authority")}>
              <Plus size={15} aria-hidden />
              {t`Add an authority`}
            </Button>
          </>
        ) : null}
      </div>
      {authorities.isPending ? (
        <SkeletonRows label={t`Loading the authorities`} count={4} />
      ) : authorities.data === undefined ? (
        <ErrorState
          title={t`The authorities could not be loaded`}
          error={authorities.error}
          onRetry={() => void authorities.refetch()}
        />
      ) : authorities.data.length === 0 ? (
        <section className="panel" aria-label={t`Authorities`}>
          <EmptyState title={t`No authority is known`} icon={Stamp}>
            <p>{t`Devices are trusted by their own certificates; an authority is needed only for revocation lists and for other signers.`}</p>
          </EmptyState>
        </section>
      ) : (
        authorities.data.map((authority) => (
          <AuthorityPanel
            key={authority.id}
            authority={authority}
            onWithdraw={mayManage ? () => setDeed(authority) : null}
          />
        ))
      )}
      {deed === "authority" ? <AddAuthorityDialog onClose={close} /> : null}
      {deed === "list" ? <AddListDialog onClose={close} /> : null}
      {deed !== null && typeof deed === "object" ? (
        <WithdrawDialog authority={deed} onClose={close} />
      ) : null}
    </>
  );
}

interface AuthorityPanelProps {
  readonly authority: Authority;
  /** Null where this person may not. */
  readonly onWithdraw: (() => void) | null;
}

function AuthorityPanel({ authority, onWithdraw }: AuthorityPanelProps) {
  const { withdrawn_at, withdrawn_by, added_at, added_by } = authority;
  return (
    <section
      className="panel device-panel"
      aria-label={authority.subject}
      data-ended={withdrawn_at !== null}
    >
      <div className="device-certificate-head">
        <h2>
          <code>{authority.subject}</code>
        </h2>
        <span className="spacer" />
        {withdrawn_at === null && onWithdraw !== null ? (
          <Button small variant="danger" onClick={onWithdraw}>
            {t`Withdraw`}
          </Button>
        ) : null}
      </div>
      <p className="muted">
        {withdrawn_at === null || withdrawn_by === null
          ? t`Added ${formatMoment(added_at)} by ${added_by.display_name}`
          : t`Withdrawn ${formatMoment(withdrawn_at)} by ${withdrawn_by.display_name}`}
      </p>
      <CertificateFacts facts={authority} />
      <Lists lists={authority.lists} />
    </section>
  );
}

function Lists({ lists }: { lists: readonly RevocationList[] }) {
  if (lists.length === 0) return <p className="muted">{t`No revocation list yet.`}</p>;
  return (
    <div className="panel">
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">{t`Revocation list`}</th>
            <th scope="col">{t`Issued`}</th>
            <th scope="col">{t`Next due`}</th>
            <th scope="col" className="numeric">
              {t`Certificates named`}
            </th>
            <th scope="col">{t`Added`}</th>
          </tr>
        </thead>
        <tbody>
          {lists.map((list) => (
            <tr key={list.id}>
              <td>
                {list.is_current ? t`in force` : t`replaced`}{" "}
                <code title={list.sha256}>
                  {list.number === "" ? shortHash(list.sha256) : `#${list.number}`}
                </code>
              </td>
              <td>{formatDate(list.this_update)}</td>
              <td>{nextDue(list)}</td>
              <td className="numeric">{formatCount(list.entries)}</td>
              <td>{t`${formatMoment(list.added_at)} by ${list.added_by.display_name}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A list that is overdue still counts: it may only miss what was revoked since. */
function nextDue({ next_update, is_current }: RevocationList): string {
  if (next_update === null) return t`not stated`;
  const day = formatDate(next_update);
  const isOverdue = is_current && Date.parse(next_update) < Date.now();
  return isOverdue ? t`${day}, overdue` : day;
}
