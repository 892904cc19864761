import { t } from "@lingui/core/macro";
import { useState } from "react";

import type { DeviceDetail } from "@/api/types";
import { tell } from "@/ui/toast";

import { CertificateStep, useGivenCertificate } from "./CertificateStep";
import { errorWords } from "./errors";
import {
  areFactsGiven,
  FactFields,
  NO_FACTS,
  spanBody,
  SpanFields,
  WHOLE_SPAN,
} from "./fields";
import { FormDialog } from "./FormDialog";
import { useDeviceDeed } from "./useDevices";

interface EnrolDialogProps {
  readonly onEnrolled: (device: DeviceDetail) => void;
  readonly onClose: () => void;
}

export function EnrolDialog({ onEnrolled, onClose }: EnrolDialogProps) {
  const [content, setContent] = useState("");
  const [facts, setFacts] = useState(NO_FACTS);
  const [span, setSpan] = useState(WHOLE_SPAN);
  const given = useGivenCertificate(content, setContent, "device");
  const deed = useDeviceDeed();
  const submit = () => {
    if (given.good === null) return;
    const body = {
      ...facts,
      certificate: content,
      ...spanBody(span, given.good.certificate),
    };
    deed.mutate(
      { path: "", body },
      {
        onSuccess: (device) => {
          tell(t`${device.name} is enrolled. Its signatures count from now on.`);
          onEnrolled(device);
        },
      },
    );
  };
  return (
    <FormDialog
      title={t`Enrol a device`}
      action={t`Enrol`}
      busy={deed.isPending}
      ready={given.good !== null && areFactsGiven(facts)}
      error={errorWords(deed.error)}
      onSubmit={submit}
      onClose={onClose}
    >
      <CertificateStep given={given} />
      <FactFields facts={facts} onChange={setFacts} />
      <SpanFields span={span} facts={given.good?.certificate} onChange={setSpan} />
      <p className="muted">
        {t`Compare the fingerprint with the one that the device or its gateway shows. You stand in the log as who approved it.`}
      </p>
    </FormDialog>
  );
}
