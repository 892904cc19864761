import { t } from "@lingui/core/macro";
import { PanelLeftClose, PanelLeftOpen, Settings } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { NavLink, useLocation } from "react-router";

import { useMe } from "@/api/session";
import { uploadQueue } from "@/features/upload/queue";
import { Hint } from "@/ui/Button";
import { Mark } from "@/ui/icons";

import { ADMIN_URL, type NavPage, pagesFor } from "./nav";

const STORAGE_KEY = "truefilm.rail";

/** On a display that stands upright the film needs the width more than the names do. */
function slimMedia(): MediaQueryList {
  return matchMedia("(max-width: 1023px), (max-aspect-ratio: 4/5)");
}

function subscribeToSlim(listener: () => void): () => void {
  const media = slimMedia();
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

/** As this person left it, else as the window asks for; and what turns it over. */
function useNarrow(): readonly [narrow: boolean, toggle: () => void] {
  const [chosen, setChosen] = useState(() => localStorage.getItem(STORAGE_KEY));
  const isSlim = useSyncExternalStore(subscribeToSlim, () => slimMedia().matches);
  const narrow = chosen === null ? isSlim : chosen === "narrow";
  const toggle = () => {
    const next = narrow ? "wide" : "narrow";
    localStorage.setItem(STORAGE_KEY, next);
    setChosen(next);
  };
  return [narrow, toggle];
}

export function Rail() {
  const me = useMe();
  const [narrow, toggle] = useNarrow();
  const { pathname } = useLocation();
  const Icon = narrow ? PanelLeftOpen : PanelLeftClose;
  return (
    <nav className="rail" aria-label={t`Pages`} data-narrow={narrow}>
      <div className="rail-brand">
        <Mark />
        <span className="rail-label">Truefilm</span>
      </div>
      <ul>
        {pagesFor(me).map((page) => (
          <li key={page.path}>
            <RailLink page={page} narrow={narrow} pathname={pathname} />
          </li>
        ))}
      </ul>
      {me.opens_staff_pages ? <StaffLink narrow={narrow} /> : null}
      <p className="rail-note rail-label">{t`Research software, not a medical device.`}</p>
      <button type="button" className="rail-link" onClick={toggle}>
        <Icon size={17} strokeWidth={1.75} aria-hidden />
        <span className={narrow ? "visually-hidden" : "rail-label"}>
          {narrow ? t`Expand` : t`Collapse`}
        </span>
      </button>
    </nav>
  );
}

/** Users, departments and their policies, practice films: as far as this person may. */
function StaffLink({ narrow }: { narrow: boolean }) {
  const link = (
    <a href={ADMIN_URL} className="rail-link">
      <Settings size={17} strokeWidth={1.75} aria-hidden />
      <span className={narrow ? "visually-hidden" : "rail-label"}>{t`Staff pages`}</span>
    </a>
  );
  return narrow ? (
    <Hint text={t`Staff pages`} side="right">
      {link}
    </Hint>
  ) : (
    link
  );
}

interface RailLinkProps {
  page: NavPage;
  narrow: boolean;
  pathname: string;
}

function RailLink({ page, narrow, pathname }: RailLinkProps) {
  // A case belongs to the worklist it came from.
  const isHere =
    pathname.startsWith(page.path) ||
    (page.path === "/worklists" && pathname.startsWith("/cases/"));
  const link = (
    <NavLink to={page.path} className="rail-link" data-here={isHere}>
      <page.icon size={17} strokeWidth={1.75} aria-hidden />
      <span className={narrow ? "visually-hidden" : "rail-label"}>{page.label}</span>
      {page.path === "/upload" ? <UploadProgress /> : null}
    </NavLink>
  );
  return narrow ? (
    <Hint text={page.label} side="right">
      {link}
    </Hint>
  ) : (
    link
  );
}

/** How far a running upload is, wherever the reader has gone meanwhile. */
function UploadProgress() {
  const { running, sentBytes, totalBytes } = useSyncExternalStore(
    uploadQueue.subscribe,
    uploadQueue.totals,
  );
  if (!running) return null;
  const percent = totalBytes === 0 ? 0 : Math.floor((100 * sentBytes) / totalBytes);
  return <span className="rail-progress">{percent} %</span>;
}
