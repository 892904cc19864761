/** What an administrator does to authorities: add, add a list, withdraw. */
import { plural, t } from "@lingui/core/macro";
import { useState } from "react";

import type { Authority } from "@/api/types";
import { tell } from "@/ui/toast";

import { CertificateField } from "./CertificateField";
import { CertificateStep, useGivenCertificate } from "./CertificateStep";
import { errorWords } from "./errors";
import { FormDialog } from "./FormDialog";
import { useAddList, useAuthorityDeed } from "./useDevices";

interface CloseProps {
  readonly onClose: () => void;
}

export function AddAuthorityDialog({ onClose }: CloseProps) {
  const [content, setContent] = useState("");
  const given = useGivenCertificate(content, setContent, "authority");
  const deed = useAuthorityDeed();
  const submit = () =>
    deed.mutate(
      { path: "", body: { content } },
      {
        onSuccess: () => {
          tell(t`The authority is known from now on.`);
          onClose();
        },
      },
    );
  return (
    <FormDialog
      title={t`Add an authority`}
      action={t`Add`}
      busy={deed.isPending}
      ready={given.good !== null}
      error={errorWords(deed.error)}
      onSubmit={submit}
      onClose={onClose}
    >
      <CertificateStep given={given} />
      <p className="muted">
        {t`Compare the fingerprint with the one that the authority publishes.`}
      </p>
    </FormDialog>
  );
}

export function AddListDialog({ onClose }: CloseProps) {
  const [content, setContent] = useState("");
  const deed = useAddList();
  const submit = () =>
    deed.mutate(content, {
      onSuccess: ({ revoked_devices }) => {
        const count = revoked_devices.length;
        tell(
          count === 0
            ? t`The list is in force. It names no certificate of an enrolled device.`
            : plural(count, {
                one: "The list is in force. It revoked the certificate of # enrolled device.",
                other: "The list is in force. It revoked certificates of # enrolled devices.",
              }),
        );
        onClose();
      },
    });
  return (
    <FormDialog
      title={t`Add a revocation list`}
      action={t`Add`}
      busy={deed.isPending}
      ready={content !== ""}
      error={null}
      onSubmit={submit}
      onClose={onClose}
    >
      <CertificateField
        label={t`Revocation list`}
        value={content}
        onChange={(next) => {
          deed.reset();
          setContent(next);
        }}
        problem={errorWords(deed.error)}
      />
      <p className="muted">
        {t`The list says itself of which authority it is, and must be signed by it. Certificates of enrolled devices that it names are revoked at once, for good.`}
      </p>
    </FormDialog>
  );
}

interface WithdrawDialogProps extends CloseProps {
  readonly authority: Authority;
}

export function WithdrawDialog({ authority, onClose }: WithdrawDialogProps) {
  const deed = useAuthorityDeed();
  const submit = () =>
    deed.mutate(
      { path: `/${authority.id}/withdraw`, body: {} },
      {
        onSuccess: () => {
          tell(t`The authority is withdrawn.`);
          onClose();
        },
      },
    );
  return (
    <FormDialog
      title={t`Withdraw ${authority.subject}`}
      action={t`Withdraw`}
      variant="danger"
      busy={deed.isPending}
      ready
      error={errorWords(deed.error)}
      onSubmit={submit}
      onClose={onClose}
    >
      <ul className="device-consequences">
        <li>{t`It vouches for nobody any more, and its revocation lists count no more.`}</li>
        <li>{t`Certificates that its lists revoked here stay revoked.`}</li>
        <li>{t`Enrolled devices with certificates of its making stay enrolled.`}</li>
      </ul>
    </FormDialog>
  );
}
