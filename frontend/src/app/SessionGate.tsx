import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";

import { LiveProvider } from "@/api/connection";
import { meQuery } from "@/api/queries";
import { MeProvider } from "@/api/session";
import type { Me } from "@/api/types";
import { KeymapProvider } from "@/ui/shortcuts";
import { ErrorState } from "@/ui/states";

import { Shell } from "./Shell";

function PersonsKeys({ me, children }: { me: Me; children: ReactNode }) {
  const { keys, single_keys: singleKeys } = me;
  const keymap = useMemo(() => ({ keys, singleKeys }), [keys, singleKeys]);
  return <KeymapProvider keymap={keymap}>{children}</KeymapProvider>;
}

/** Draws nothing of the shell before it is known who is signed in and what is open to them. */
export function SessionGate() {
  const me = useQuery(meQuery);
  if (me.data !== undefined) {
    return (
      <MeProvider value={me.data}>
        <PersonsKeys me={me.data}>
          <LiveProvider>
            <Shell />
          </LiveProvider>
        </PersonsKeys>
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
