import { t } from "@lingui/core/macro";
import { FileUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { Button } from "@/ui/Button";

import { collectChosen, collectDropped, type Picked } from "./collect";

interface DropZoneProps {
  onFiles: (picked: Picked) => void;
  onProblem: (text: string) => void;
}

/** Takes files dropped anywhere on the page, or chosen in a dialog. */
export function DropZone({ onFiles, onProblem }: DropZoneProps) {
  const isOver = useWindowDrop(onFiles, onProblem);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const choose = (list: FileList | null) => {
    if (list !== null && list.length > 0) onFiles(collectChosen(list));
  };
  return (
    <div className="drop-zone" data-over={isOver}>
      <FileUp size={28} strokeWidth={1.5} aria-hidden />
      <p className="state-title">
        {isOver ? t`Let go to send` : t`Drop films anywhere on this page`}
      </p>
      <p className="muted">
        {t`DICOM, PNG, JPEG, TIFF, WebP; files, folders or zips. Nothing is altered: the exact bytes are kept.`}
      </p>
      <div className="drop-buttons">
        <Button variant="primary" onClick={() => files.current?.click()}>
          {t`Choose files`}
        </Button>
        <Button onClick={() => folder.current?.click()}>{t`Choose a folder`}</Button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label={t`Files`}
        data-testid="file-input"
        onChange={(event) => {
          choose(event.target.files);
          event.target.value = "";
        }}
      />
      <input
        ref={folder}
        type="file"
        webkitdirectory=""
        hidden
        aria-label={t`Folder`}
        onChange={(event) => {
          choose(event.target.files);
          event.target.value = "";
        }}
      />
    </div>
  );
}

function useWindowDrop(
  onFiles: (picked: Picked) => void,
  onProblem: (text: string) => void,
): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    // Enter and leave fire for every element crossed; their balance tells inside from outside.
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += 1;
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setIsOver(false);
    };
    const over = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      depth = 0;
      setIsOver(false);
      if (event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      collectDropped(event.dataTransfer).then(onFiles, (error: unknown) => {
        const why = error instanceof DOMException ? error.message : String(error);
        onProblem(t`What you dropped could not be read: ${why}`);
      });
    };
    const handlers = { dragenter: enter, dragleave: leave, dragover: over, drop } as const;
    const names = Object.keys(handlers) as (keyof typeof handlers)[];
    for (const name of names) window.addEventListener(name, handlers[name]);
    return () => {
      for (const name of names) window.removeEventListener(name, handlers[name]);
    };
  }, [onFiles, onProblem]);
  return isOver;
}

declare module "react" {
  interface InputHTMLAttributes<T> extends HTMLAttributes<T> {
    /** Chromium, Firefox and Safari choose whole folders with it. */
    webkitdirectory?: string;
  }
}
