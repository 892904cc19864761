import { t } from "@lingui/core/macro";
import { useCallback, useMemo, useState } from "react";
import { Outlet, useLocation, useNavigate } from "react-router";

import { useMe } from "@/api/session";
import { LiveRegion } from "@/ui/announce";
import { type Shortcut, useShortcuts } from "@/ui/shortcuts";
import { Toasts } from "@/ui/toast";

import { mayOpen } from "./nav";
import { NotFound } from "./NotFound";
import { OfflineBanner } from "./OfflineBanner";
import { Palette } from "./Palette";
import { Rail } from "./Rail";
import { ShortcutSheet } from "./ShortcutSheet";
import { TopBar } from "./TopBar";
import { useTabGuards } from "./useTabGuards";
import "./shell.css";

type Overlay = "palette" | "shortcuts" | null;

export function Shell() {
  const me = useMe();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const [overlay, setOverlay] = useState<Overlay>(null);
  const close = useCallback(() => setOverlay(null), []);
  useTabGuards();

  const shortcuts = useMemo<Shortcut[]>(
    () => [
      {
        id: "everywhere.search",
        run: () => setOverlay("palette"),
        whileTyping: true,
      },
      { id: "everywhere.keys", run: () => setOverlay("shortcuts") },
    ],
    [],
  );
  useShortcuts(t`Everywhere`, shortcuts);

  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        {t`Skip to the page`}
      </a>
      <Rail />
      <TopBar
        onSearch={() => setOverlay("palette")}
        onShortcuts={() => setOverlay("shortcuts")}
      />
      <main id="main" className="shell-main" tabIndex={-1}>
        <OfflineBanner />
        <div className="shell-page">{mayOpen(me, pathname) ? <Outlet /> : <NotFound />}</div>
      </main>
      {overlay === "palette" ? (
        <Palette
          onClose={close}
          onGo={(path) => {
            close();
            void navigate(path);
          }}
          onShortcuts={() => setOverlay("shortcuts")}
        />
      ) : null}
      {overlay === "shortcuts" ? <ShortcutSheet onClose={close} /> : null}
      <LiveRegion />
      <Toasts />
    </div>
  );
}
