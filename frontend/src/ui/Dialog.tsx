import { t } from "@lingui/core/macro";
import { X } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

import { Button } from "./Button";

interface DialogProps {
  title: string;
  /** The title is read out but not shown. */
  hideTitle?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A modal on the platform's own <dialog>: focus stays inside, Escape closes, focus returns.
 * Unlike Radix's it adds no <style> element, which the content security policy forbids.
 */
export function Dialog({ title, hideTitle = false, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector<HTMLElement>("input, select, textarea") ?? dialog).focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    // Escape does what a click on the backdrop does, so the click needs no key of its own.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      className="dialog"
      tabIndex={-1}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      {hideTitle ? (
        <h2 id={titleId} className="visually-hidden">
          {title}
        </h2>
      ) : (
        <div className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          {/* No tooltip here: it would take the first Escape for itself. */}
          <Button
            variant="ghost"
            small
            className="button-icon"
            aria-label={t`Close`}
            onClick={onClose}
          >
            <X size={16} aria-hidden />
          </Button>
        </div>
      )}
      {children}
    </dialog>
  );
}
