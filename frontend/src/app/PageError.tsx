import { t } from "@lingui/core/macro";
import { useRouteError } from "react-router";

import { ErrorState } from "@/ui/states";

/** Browsers tell of a script that could not be fetched in words of their own. */
const UNFETCHED = /dynamically imported module|importing a module script/i;

/** Shown in place of a page that failed to load or to draw; the shell around it stays. */
export function PageError() {
  const error = useRouteError();
  const isUnfetched = error instanceof TypeError && UNFETCHED.test(error.message);
  return (
    <>
      <title>{t`Something failed · Truefilm`}</title>
      <ErrorState
        title={t`This page stopped working`}
        error={
          isUnfetched
            ? new Error(t`A part of it could not be fetched. Perhaps the server was renewed.`)
            : error
        }
        isPage
        onRetry={() => window.location.reload()}
      />
    </>
  );
}
