/** A form over the page: its fields, why it was refused, and the two ways out. */
import { t } from "@lingui/core/macro";
import type { FormEvent, ReactNode } from "react";

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

interface FormDialogProps {
  readonly title: string;
  readonly action: string;
  readonly variant?: "primary" | "danger";
  readonly busy: boolean;
  readonly ready: boolean;
  readonly error: string | null;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { title, action, variant = "primary", busy, ready, error, children } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) props.onSubmit();
  };
  return (
    <Dialog title={title} onClose={props.onClose}>
      <form className="dialog-body device-form" onSubmit={submit} noValidate>
        {children}
        <p role="alert" className="form-problem">
          {error}
        </p>
        <div className="device-form-actions">
          <Button onClick={props.onClose}>{t`Cancel`}</Button>
          <Button variant={variant} type="submit" disabled={busy || !ready}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
