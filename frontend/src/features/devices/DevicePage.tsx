import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { deviceQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { DeviceCertificate, DeviceDetail } from "@/api/types";
import { Button } from "@/ui/Button";
import { formatDate, formatMoment } from "@/ui/format";
import { ScrollPage } from "@/ui/ScrollPage";
import { ErrorState, SkeletonRows, StaleNote } from "@/ui/states";

import { CertificateFacts } from "./Certificate";
import { ChangeDialog, ReplaceDialog, RetireDialog } from "./DeviceDialogs";
import { RevokeDialog } from "./RevokeDialog";
import { State } from "./State";
import { CERTIFICATE_STATES, changeLines, deedName, DEVICE_STATES, REASONS } from "./words";
import "./devices.css";

export function DevicePage() {
  const { id = "" } = useParams();
  const device = useQuery(deviceQuery(id));
  if (device.isPending) return <SkeletonRows label={t`Loading the device`} count={8} />;
  if (device.data === undefined) {
    return (
      <ErrorState
        isPage
        title={t`The device could not be opened`}
        error={device.error}
        onRetry={() => void device.refetch()}
      />
    );
  }
  return (
    <DeviceView
      device={device.data}
      staleError={device.error}
      onRetry={() => void device.refetch()}
    />
  );
}

type Deed = "change" | "replace" | "retire" | DeviceCertificate;

interface DeviceViewProps {
  readonly device: DeviceDetail;
  readonly staleError: unknown;
  readonly onRetry: () => void;
}

function DeviceView({ device, staleError, onRetry }: DeviceViewProps) {
  const mayManage = may(useMe(), "manage_devices");
  const [deed, setDeed] = useState<Deed | null>(null);
  const close = () => setDeed(null);
  const current = device.certificates.find(({ state }) => state === "current");
  return (
    <ScrollPage label={device.name}>
      <title>{t`${device.name} · Truefilm`}</title>
      <div className="page-head device-head">
        <Link to="/devices" className="button button-ghost">
          <ArrowLeft size={15} aria-hidden />
          {t`Devices`}
        </Link>
        <h1>{device.name}</h1>
        <State look={DEVICE_STATES[device.state]} />
        <StaleNote error={staleError} onRetry={onRetry} />
        <span className="spacer" />
        {mayManage && device.retired_at === null ? (
          <>
            <Button onClick={() => setDeed("change")}>{t`Change`}</Button>
            <Button onClick={() => setDeed("replace")}>
              {current === undefined ? t`Give a certificate` : t`Replace the certificate`}
            </Button>
            <Button onClick={() => setDeed("retire")}>{t`Retire`}</Button>
          </>
        ) : null}
      </div>
      <div className="page-body device-page">
        <div className="device-column">
          <DeviceFacts device={device} />
          <Certificates
            device={device}
            onRevoke={mayManage ? (certificate) => setDeed(certificate) : null}
          />
        </div>
        <History device={device} />
      </div>
      {deed === "change" ? <ChangeDialog device={device} onClose={close} /> : null}
      {deed === "replace" ? <ReplaceDialog device={device} onClose={close} /> : null}
      {deed === "retire" ? <RetireDialog device={device} onClose={close} /> : null}
      {deed !== null && typeof deed === "object" ? (
        <RevokeDialog device={device} certificate={deed} onClose={close} />
      ) : null}
    </ScrollPage>
  );
}

function DeviceFacts({ device }: { device: DeviceDetail }) {
  return (
    <section className="panel device-panel" aria-label={t`As its films name it`}>
      <h2>{t`As its films name it`}</h2>
      <dl className="device-facts">
        <dt>{t`Manufacturer`}</dt>
        <dd>{device.manufacturer}</dd>
        <dt>{t`Serial number`}</dt>
        <dd>
          <code>{device.serial_number}</code>
        </dd>
        <dt>{t`Model`}</dt>
        <dd>{device.model_name || <span className="muted">{t`not given`}</span>}</dd>
        <dt>{t`AE title`}</dt>
        <dd>
          {device.ae_title === "" ? (
            <span className="muted">{t`not given`}</span>
          ) : (
            <code>{device.ae_title}</code>
          )}
        </dd>
        <dt>{t`Enrolled`}</dt>
        <dd>{t`${formatMoment(device.enrolled_at)} by ${device.enrolled_by.display_name}`}</dd>
      </dl>
    </section>
  );
}

interface CertificatesProps {
  readonly device: DeviceDetail;
  /** Null where this person may not. */
  readonly onRevoke: ((certificate: DeviceCertificate) => void) | null;
}

function Certificates({ device, onRevoke }: CertificatesProps) {
  return (
    <section className="panel device-panel" aria-label={t`Certificates`}>
      <h2>{t`Certificates`}</h2>
      {device.certificates.map((one) => (
        <article key={one.id} className="device-certificate">
          <div className="device-certificate-head">
            <State look={CERTIFICATE_STATES[one.state]} />
            <span className="muted">{worthOf(one)}</span>
            <span className="spacer" />
            {onRevoke === null || one.state === "revoked" ? null : (
              <Button small variant="danger" onClick={() => onRevoke(one)}>
                {t`Revoke`}
              </Button>
            )}
          </div>
          {one.state === "revoked" ? <Revocation certificate={one} /> : null}
          <CertificateFacts facts={one} />
          <p className="muted">
            {t`Approved ${formatMoment(one.approved_at)} by ${one.approved_by.display_name}`}
          </p>
        </article>
      ))}
    </section>
  );
}

function worthOf({ state, valid_from, valid_until }: DeviceCertificate): string {
  const [from, until] = [formatDate(valid_from), formatDate(valid_until)];
  if (state === "revoked") return t`Nothing that it signed counts.`;
  if (state === "current") return t`What it signs counts from ${from} until ${until}.`;
  return t`What it signed from ${from} until ${until} counts.`;
}

function Revocation({ certificate }: { certificate: DeviceCertificate }) {
  const { reason, revoked_at, note, ended_at, ended_by } = certificate;
  return (
    <p className="device-revocation">
      <strong>{reason === null ? t`Revoked` : REASONS[reason]}.</strong>{" "}
      {revoked_at === null ? null : t`Not to be trusted since ${formatMoment(revoked_at)}.`}{" "}
      {ended_at === null || ended_by === null
        ? null
        : t`Revoked here ${formatMoment(ended_at)} by ${ended_by.display_name}.`}{" "}
      {note}
    </p>
  );
}

function History({ device }: { device: DeviceDetail }) {
  return (
    <section className="panel device-panel" aria-label={t`History`}>
      <h2>{t`History`}</h2>
      <ol className="device-history">
        {device.history.map((event) => (
          <li key={event.position}>
            <p>
              <strong>{deedName(event)}</strong> {event.actor?.display_name ?? "Truefilm"}
            </p>
            {changeLines(event).map((line) => (
              <p key={line}>{line}</p>
            ))}
            <p className="muted">
              {t`${formatMoment(event.occurred_at)}, log entry ${event.position}`}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
