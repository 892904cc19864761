import { t } from "@lingui/core/macro";
import { useState } from "react";

import type { DeviceCertificate, DeviceDetail, RevocationReason } from "@/api/types";
import { shortHash } from "@/ui/format";
import { tell } from "@/ui/toast";

import { errorWords } from "./errors";
import { FormDialog } from "./FormDialog";
import { useDeviceDeed } from "./useDevices";
import { GIVEN_REASONS, REASONS } from "./words";

const MAX_NOTE_CHARACTERS = 300;

/** "2026-11-24T19:05" on this clock, as such a field takes it. */
function localMinute(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

interface RevokeDialogProps {
  readonly device: DeviceDetail;
  readonly certificate: DeviceCertificate;
  readonly onClose: () => void;
}

export function RevokeDialog({ device, certificate, onClose }: RevokeDialogProps) {
  const [reason, setReason] = useState<RevocationReason | "">("");
  const [since, setSince] = useState(() => localMinute(new Date()));
  const [note, setNote] = useState("");
  const deed = useDeviceDeed();
  const at = new Date(since);
  const submit = () => {
    const body = {
      certificate_id: certificate.id,
      reason,
      revoked_at: at.toISOString(),
      note: note.trim(),
    };
    deed.mutate(
      { path: `/${device.id}/revoke`, body },
      {
        onSuccess: () => {
          tell(t`Revoked. Nothing that this certificate signed counts any more.`);
          onClose();
        },
      },
    );
  };
  return (
    <FormDialog
      title={t`Revoke certificate ${shortHash(certificate.sha256)} of ${device.name}`}
      action={t`Revoke`}
      variant="danger"
      busy={deed.isPending}
      ready={reason !== "" && !Number.isNaN(at.getTime())}
      error={errorWords(deed.error)}
      onSubmit={submit}
      onClose={onClose}
    >
      <ul className="device-consequences">
        <li>{t`Nothing that this key signed counts any more, also what it signed before: a stolen key can state any time.`}</li>
        <li>{t`Films with such a signature that are analysed from now on are findings. What was said of earlier ones stays as it is.`}</li>
        <li>{t`It cannot be taken back. The device needs another certificate.`}</li>
      </ul>
      <label className="field">
        <span>{t`Why`}</span>
        <select
          className="input"
          value={reason}
          onChange={(event) => setReason(event.target.value as RevocationReason | "")}
        >
          <option value="">{t`Choose a reason`}</option>
          {GIVEN_REASONS.map((code) => (
            <option key={code} value={code}>
              {REASONS[code]}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{t`Not to be trusted since`}</span>
        <input
          type="datetime-local"
          className="input"
          value={since}
          onChange={(event) => setSince(event.target.value)}
        />
      </label>
      <label className="field">
        <span>{t`Note (optional, not on the log)`}</span>
        <textarea
          className="input"
          rows={2}
          maxLength={MAX_NOTE_CHARACTERS}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
    </FormDialog>
  );
}
