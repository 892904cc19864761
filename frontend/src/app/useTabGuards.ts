import { useEffect } from "react";

import { uploadQueue } from "@/features/upload/queue";

import { followSignOut } from "./signOut";

function keepFile(event: DragEvent): void {
  if (event.dataTransfer?.types.includes("Files") === true) event.preventDefault();
}

function askBeforeClosing(event: BeforeUnloadEvent): void {
  if (uploadQueue.totals().running) event.preventDefault();
}

/** A film dropped beside a drop zone must not replace the app; a running upload is not lost unasked. */
export function useTabGuards(): void {
  useEffect(() => {
    window.addEventListener("dragover", keepFile);
    window.addEventListener("drop", keepFile);
    window.addEventListener("beforeunload", askBeforeClosing);
    const unfollow = followSignOut();
    return () => {
      unfollow();
      window.removeEventListener("dragover", keepFile);
      window.removeEventListener("drop", keepFile);
      window.removeEventListener("beforeunload", askBeforeClosing);
    };
  }, []);
}
