/** What an administrator does to a device: change, give another certificate, retire. */
import { t } from "@lingui/core/macro";
import { useState } from "react";

import type { DeviceDetail } from "@/api/types";
import { tell } from "@/ui/toast";

import { CertificateStep, useGivenCertificate } from "./CertificateStep";
import { errorWords } from "./errors";
import { areFactsGiven, FactFields, spanBody, SpanFields, WHOLE_SPAN } from "./fields";
import { FormDialog } from "./FormDialog";
import { useDeviceDeed } from "./useDevices";

interface DeedProps {
  readonly device: DeviceDetail;
  readonly onClose: () => void;
}

export function ChangeDialog({ device, onClose }: DeedProps) {
  const { name, manufacturer, serial_number, model_name, ae_title } = device;
  const [facts, setFacts] = useState({
    name,
    manufacturer,
    serial_number,
    model_name,
    ae_title,
  });
  const deed = useDeviceDeed();
  const submit = () =>
    deed.mutate(
      { path: `/${device.id}`, method: "PUT", body: { ...facts, version: device.version } },
      {
        onSuccess: (changed) => {
          tell(t`${changed.name} is kept as you wrote it.`);
          onClose();
        },
      },
    );
  return (
    <FormDialog
      title={t`Change ${device.name}`}
      action={t`Keep`}
      busy={deed.isPending}
      ready={areFactsGiven(facts)}
      error={errorWords(deed.error)}
      onSubmit={submit}
      onClose={onClose}
    >
      <FactFields facts={facts} onChange={setFacts} />
      <p className="muted">{t`What was said of films analysed before stays as it is.`}</p>
    </FormDialog>
  );
}

export function ReplaceDialog({ device, onClose }: DeedProps) {
  const [content, setContent] = useState("");
  const [span, setSpan] = useState(WHOLE_SPAN);
  const given = useGivenCertificate(content, setContent, "device");
  const deed = useDeviceDeed();
  const submit = () => {
    if (given.good === null) return;
    const body = {
      certificate: content,
      version: device.version,
      ...spanBody(span, given.good.certificate),
    };
    deed.mutate(
      { path: `/${device.id}/certificate`, body },
      {
        onSuccess: () => {
          tell(t`${device.name} has another certificate from now on.`);
          onClose();
        },
      },
    );
  };
  return (
    <FormDialog
      title={t`Another certificate for ${device.name}`}
      action={t`Replace`}
      busy={deed.isPending}
      ready={given.good !== null}
      error={errorWords(deed.error)}
      onSubmit={submit}
      onClose={onClose}
    >
      <CertificateStep given={given} />
      <SpanFields span={span} facts={given.good?.certificate} onChange={setSpan} />
      <p className="muted">
        {device.certificate.state === "current"
          ? t`The certificate that it has counts until this moment: films that it signed before stay signed. If its key was stolen, revoke it instead.`
          : t`The device has no certificate now; its films are trusted again once it has this one.`}
      </p>
    </FormDialog>
  );
}

export function RetireDialog({ device, onClose }: DeedProps) {
  const deed = useDeviceDeed();
  const submit = () =>
    deed.mutate(
      { path: `/${device.id}/retire`, body: { version: device.version } },
      {
        onSuccess: () => {
          tell(t`${device.name} is retired.`);
          onClose();
        },
      },
    );
  return (
    <FormDialog
      title={t`Retire ${device.name}`}
      action={t`Retire`}
      busy={deed.isPending}
      ready
      error={errorWords(deed.error)}
      onSubmit={submit}
      onClose={onClose}
    >
      <ul className="device-consequences">
        <li>{t`What it signed until now still counts.`}</li>
        <li>{t`What is signed with its key after this moment is a finding.`}</li>
        <li>{t`It cannot be taken back. To use the device again, enrol it with a new certificate.`}</li>
      </ul>
    </FormDialog>
  );
}
