import { t } from "@lingui/core/macro";
import { WifiOff } from "lucide-react";

import { useIsOffline } from "@/ui/useIsOffline";

export function OfflineBanner() {
  if (!useIsOffline()) return null;
  return (
    <p role="alert" className="offline-banner">
      <WifiOff size={14} aria-hidden />
      {t`You are offline. What you see may be out of date, and nothing you enter can be filed.`}
    </p>
  );
}
