import { t } from "@lingui/core/macro";
import { useId, useState, type FormEvent } from "react";

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** The server refuses more (apps/reading/services/amendments.py). */
export const MAX_REASON_CHARACTERS = 1000;

interface ReasonDialogProps {
  readonly title: string;
  /** What will happen, in plain words. */
  readonly text: string;
  readonly action: string;
  readonly busy: boolean;
  readonly error: string | null;
  readonly onSubmit: (reason: string) => void;
  readonly onClose: () => void;
}

/** Asks why, before something that cannot be undone. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { title, text, action, busy, error, onSubmit, onClose } = props;
  const [reason, setReason] = useState("");
  const errorId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== "") onSubmit(reason.trim());
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="dialog-body reason-form" onSubmit={submit} noValidate>
        <p className="muted">{text}</p>
        <label className="field">
          <span className="step-label">{t`Why`}</span>
          <textarea
            className="input"
            rows={3}
            maxLength={MAX_REASON_CHARACTERS}
            value={reason}
            aria-describedby={errorId}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <p id={errorId} role="alert" className="step-error">
          {error}
        </p>
        <div className="box-actions">
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button variant="primary" type="submit" disabled={busy || reason.trim() === ""}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
