/** A certificate to be enrolled: given, looked at by the server, and shown before it counts. */
import { t } from "@lingui/core/macro";

import type { CertificateRole, Inspection } from "@/api/types";
import { Skeleton } from "@/ui/states";

import { CertificateFacts, Remarks } from "./Certificate";
import { CertificateField } from "./CertificateField";
import { errorWords } from "./errors";
import { useInspection } from "./useDevices";

interface Given {
  readonly content: string;
  readonly setContent: (content: string) => void;
  /** What the server says of it, once it can be taken. */
  readonly good: Inspection | null;
  readonly inspection: ReturnType<typeof useInspection>;
}

export function useGivenCertificate(
  content: string,
  setContent: (content: string) => void,
  role: CertificateRole,
): Given {
  const inspection = useInspection(content, role);
  const shown = inspection.isWaiting || content === "" ? undefined : inspection.data;
  const isRefused = shown?.remarks.some(({ is_refusal }) => is_refusal) ?? true;
  return { content, setContent, good: isRefused ? null : (shown ?? null), inspection };
}

export function CertificateStep({ given }: { given: Given }) {
  const { content, setContent, inspection } = given;
  const shown = content === "" ? undefined : inspection.data;
  return (
    <div className="certificate-step">
      <CertificateField
        label={t`Certificate`}
        value={content}
        onChange={setContent}
        problem={inspection.isWaiting ? null : errorWords(inspection.error)}
      />
      {inspection.isWaiting ? (
        <div role="status">
          <span className="visually-hidden">{t`Reading the certificate`}</span>
          <Skeleton height={96} />
        </div>
      ) : shown === undefined ? null : (
        <section className="certificate-shown" aria-label={t`What the certificate says`}>
          <CertificateFacts facts={shown.certificate} />
          <Remarks remarks={shown.remarks} />
        </section>
      )}
    </div>
  );
}
