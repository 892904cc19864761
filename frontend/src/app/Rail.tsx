import { t } from "@lingui/core/macro";
import { PanelLeftClose, PanelLeftOpen, Settings } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { NavLink, useLocation } from "react-router";

import { may, useMe } from "@/api/session";
import { uploadQueue } from "@/features/upload/queue";
import { Hint } from "@/ui/Button";
import { Mark } from "@/ui/icons";

import { ADMIN_URL, type NavPage, pagesFor } from "./nav";

const STORAGE_KEY = "truefilm.rail";

export function Rail() {
  const me = useMe();
  const [narrow, setNarrow] = useState(() => localStorage.getItem(STORAGE_KEY) === "narrow");
  const { pathname } = useLocation();
  const toggle = () => {
    localStorage.setItem(STORAGE_KEY, narrow ? "wide" : "narrow");
    setNarrow(!narrow);
  };
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
      {may(me, "administer") ? (
        <a href={ADMIN_URL} className="rail-link">
          <Settings size={17} strokeWidth={1.75} aria-hidden />
          <span className={narrow ? "visually-hidden" : "rail-label"}>{t`Admin`}</span>
        </a>
      ) : null}
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
