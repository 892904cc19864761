import { t } from "@lingui/core/macro";
import { createBrowserRouter, Navigate, useParams } from "react-router";

import { useMe } from "@/api/session";
import { EmptyState } from "@/ui/states";

import { homeOf } from "./nav";
import { NotFound } from "./NotFound";
import { PageError } from "./PageError";
import { SessionGate } from "./SessionGate";

function Home() {
  const home = homeOf(useMe());
  if (home !== null) return <Navigate to={home} replace />;
  return (
    <EmptyState title={t`Nothing is open to this account yet`} isPage>
      <p>{t`Ask an administrator of your site for a role.`}</p>
    </EmptyState>
  );
}

function FirstWorklist() {
  const first = useMe().worklists[0];
  if (first !== undefined) return <Navigate to={`/worklists/${first.slug}`} replace />;
  return (
    <EmptyState title={t`You have no worklist yet`} isPage>
      <p>{t`A lead or an administrator of your site can add you to a department.`}</p>
    </EmptyState>
  );
}

/** Remounted for each case, so that nothing of the last one stays behind. */
function perParam(Component: React.ComponentType, name: string) {
  return function PerParam() {
    return <Component key={useParams()[name]} />;
  };
}

/** The reader opens a case next: its page is here before the key is pressed. */
function prefetchWhenIdle(load: () => Promise<unknown>): void {
  // A failure stays silent: opening the page asks again and reports it.
  const fetchAhead = () => void load().catch(() => undefined);
  if ("requestIdleCallback" in window) requestIdleCallback(fetchAhead);
  else setTimeout(fetchAhead, 1000);
}

/** Each page is its own chunk: a reader who never audits never downloads the audit page. */
export function createRouter() {
  return createBrowserRouter([
    {
      element: <SessionGate />,
      hydrateFallbackElement: <div className="gate" />,
      errorElement: <PageError />,
      children: [
        {
          errorElement: <PageError />,
          children: [
            { index: true, element: <Home /> },
            { path: "worklists", element: <FirstWorklist /> },
            {
              path: "worklists/:slug",
              lazy: async () => {
                const { WorklistPage } = await import("@/features/worklist/WorklistPage");
                prefetchWhenIdle(() => import("@/features/reading"));
                return { Component: perParam(WorklistPage, "slug") };
              },
            },
            {
              path: "cases/:id",
              lazy: async () => {
                const reading = await import("@/features/reading");
                return { Component: perParam(reading.default, "id") };
              },
            },
            {
              path: "cases/:id/compare",
              lazy: async () => {
                const compare = await import("@/features/compare");
                return { Component: perParam(compare.default, "id") };
              },
            },
            {
              path: "upload",
              lazy: async () => ({
                Component: (await import("@/features/upload/UploadPage")).UploadPage,
              }),
            },
            {
              path: "quarantine",
              lazy: async () => ({
                Component: (await import("@/features/quarantine/QuarantinePage"))
                  .QuarantinePage,
              }),
            },
            {
              path: "audit",
              lazy: async () => ({
                Component: (await import("@/features/audit/AuditPage")).AuditPage,
              }),
            },
            {
              path: "insights",
              lazy: async () => ({
                Component: (await import("@/features/insights/InsightsPage")).InsightsPage,
              }),
            },
            {
              path: "me/reading",
              lazy: async () => ({
                Component: (await import("@/features/insights/OwnReadingPage")).OwnReadingPage,
              }),
            },
            {
              path: "me/keys",
              lazy: async () => ({
                Component: (await import("@/features/keys/KeysPage")).KeysPage,
              }),
            },
            {
              path: "practice",
              lazy: async () => ({
                Component: (await import("@/features/practice/PracticePage")).PracticePage,
              }),
            },
            {
              path: "practice/:id",
              lazy: async () => {
                const practice = await import("@/features/practice/FilmPage");
                return { Component: perParam(practice.FilmPage, "id") };
              },
            },
            {
              path: "learning",
              lazy: async () => ({
                Component: (await import("@/features/learning/LearningPage")).LearningPage,
              }),
            },
            {
              path: "devices",
              lazy: async () => ({
                Component: (await import("@/features/devices/DevicesPage")).DevicesPage,
              }),
            },
            {
              path: "devices/:id",
              lazy: async () => {
                const devices = await import("@/features/devices/DevicePage");
                return { Component: perParam(devices.DevicePage, "id") };
              },
            },
            { path: "*", element: <NotFound /> },
          ],
        },
      ],
    },
  ]);
}
