/** Takes a certificate or a revocation list: pasted, dropped, or chosen as a file. */
import { t } from "@lingui/core/macro";
import { FileKey } from "lucide-react";
import { useId, useRef, useState } from "react";

import { Button } from "@/ui/Button";

import { holdsPrivateKey, MAX_FILE_BYTES, readPasted } from "./pasted";

interface CertificateFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (content: string) => void;
  /** Below the field: what is wrong with what was given. */
  readonly problem: string | null;
}

export function CertificateField({ label, value, onChange, problem }: CertificateFieldProps) {
  const [isOver, setIsOver] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const problemId = useId();
  const take = (content: string) => {
    if (holdsPrivateKey(content)) {
      onChange("");
      setRefusal(
        t`That was a private key. It was not sent and is gone from this page. Whoever has it can sign as the device: give the certificate alone.`,
      );
      return;
    }
    setRefusal(null);
    onChange(content.trim());
  };
  const takeFile = (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > MAX_FILE_BYTES) {
      setRefusal(t`This file is too large to be a certificate or a revocation list.`);
      return;
    }
    readPasted(file).then(take, () => setRefusal(t`The file could not be read.`));
  };
  return (
    <div
      className="paste-field"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        takeFile(event.dataTransfer.files[0]);
      }}
    >
      <label className="field">
        <span>{label}</span>
        <textarea
          className="input mono"
          rows={4}
          spellCheck={false}
          autoComplete="off"
          value={value}
          aria-describedby={problemId}
          onChange={(event) => take(event.target.value)}
        />
      </label>
      <div className="paste-row">
        <Button small onClick={() => input.current?.click()}>
          <FileKey size={14} aria-hidden />
          {t`Choose a file`}
        </Button>
        <span className="muted">{t`PEM or DER; or drop it here`}</span>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        onChange={(event) => {
          takeFile(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <p id={problemId} role="alert" className="form-problem">
        {refusal ?? problem}
      </p>
    </div>
  );
}
