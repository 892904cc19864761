/** What a certificate says of itself, and what stands against it. */
import { t } from "@lingui/core/macro";
import { CircleAlert, OctagonX } from "lucide-react";

import { refusalWords } from "@/api/refusals";
import type { CertificateFacts as Facts, CertificateRemark } from "@/api/types";
import { formatDate } from "@/ui/format";

import { groupHex } from "./words";

export function CertificateFacts({ facts }: { facts: Facts }) {
  return (
    <dl className="device-facts">
      <dt>{t`Subject`}</dt>
      <dd>
        <code>{facts.subject || t`empty`}</code>
      </dd>
      <dt>{t`Issuer`}</dt>
      <dd>
        {facts.issuer === facts.subject ? t`itself` : <code>{facts.issuer || t`empty`}</code>}
      </dd>
      <dt>{t`Key`}</dt>
      <dd>
        <code>{facts.key}</code>
      </dd>
      <dt>{t`Valid`}</dt>
      <dd>{t`${formatDate(facts.starts_at)} to ${formatDate(facts.ends_at)}`}</dd>
      <dt>{t`Number`}</dt>
      <dd>
        <code>{facts.serial_number}</code>
      </dd>
      <dt>{t`SHA-256`}</dt>
      <dd>
        <code className="fingerprint">{groupHex(facts.sha256)}</code>
      </dd>
    </dl>
  );
}

export function Remarks({ remarks }: { remarks: readonly CertificateRemark[] }) {
  if (remarks.length === 0) return null;
  return (
    <ul className="device-remarks">
      {remarks.map(({ code, text, is_refusal }) => {
        const Icon = is_refusal ? OctagonX : CircleAlert;
        return (
          <li key={code}>
            <Icon size={15} aria-hidden className={is_refusal ? "tone-red" : "tone-amber"} />
            <span>
              <strong>{is_refusal ? t`Cannot be taken.` : t`Beware.`}</strong>{" "}
              {refusalWords(code, text)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
