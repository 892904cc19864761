import { t } from "@lingui/core/macro";
import { useRouteError } from "react-router";

import { ErrorState } from "@/ui/states";

/** Shown in place of a page that failed to load or to draw; the shell around it stays. */
export function PageError() {
  const error = useRouteError();
  return (
    <>
      <title>{t`Something failed · Truefilm`}</title>
      <ErrorState
        title={t`This page stopped working`}
        error={error}
        isPage
        onRetry={() => window.location.reload()}
      />
    </>
  );
}
