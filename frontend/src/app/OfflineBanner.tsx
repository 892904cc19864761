import { t } from "@lingui/core/macro";
import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

export function OfflineBanner() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  if (online) return null;
  return (
    <p role="alert" className="offline-banner">
      <WifiOff size={14} aria-hidden />
      {t`You are offline. What you see may be out of date, and nothing you enter can be filed.`}
    </p>
  );
}
