import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";

import { LiveProvider } from "@/api/connection";
import { meQuery } from "@/api/queries";
import { MeProvider } from "@/api/session";
import { ErrorState } from "@/ui/states";

import { Shell } from "./Shell";

/** Draws nothing of the shell before it is known who is signed in and what is open to them. */
export function SessionGate() {
  const me = useQuery(meQuery);
  if (me.data !== undefined) {
    return (
      <MeProvider value={me.data}>
        <LiveProvider>
          <Shell />
        </LiveProvider>
      </MeProvider>
    );
  }
  if (me.isError) {
    return (
      <main className="gate">
        <ErrorState
          title={t`Truefilm could not start`}
          error={me.error}
          isPage
          onRetry={() => void me.refetch()}
        />
      </main>
    );
  }
  return (
    <div role="status" className="gate">
      <span className="visually-hidden">{t`Loading`}</span>
    </div>
  );
}
