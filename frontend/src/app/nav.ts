/** The pages of the rail and the palette, and who may open them. */
import { t } from "@lingui/core/macro";
import {
  BadgeCheck,
  BrainCircuit,
  ChartNoAxesColumn,
  FileUp,
  Glasses,
  GraduationCap,
  ListChecks,
  ScrollText,
  ShieldAlert,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";

import type { Me, Permission } from "@/api/types";

/** Django's own pages, outside this app. */
export const ADMIN_URL = "/admin/";

export interface NavPage {
  path: string;
  label: string;
  icon: LucideIcon;
  /** Any one of these opens the page. */
  needs: readonly Permission[];
}

const PAGES: readonly NavPage[] = [
  { path: "/worklists", label: t`Worklist`, icon: ListChecks, needs: ["read_cases"] },
  { path: "/upload", label: t`Upload`, icon: FileUp, needs: ["upload"] },
  { path: "/me/reading", label: t`My reading`, icon: Glasses, needs: ["read_cases"] },
  { path: "/practice", label: t`Practice`, icon: GraduationCap, needs: ["read_cases"] },
  { path: "/quarantine", label: t`Quarantine`, icon: ShieldAlert, needs: ["view_quarantine"] },
  { path: "/audit", label: t`Audit`, icon: ScrollText, needs: ["view_audit"] },
  { path: "/insights", label: t`Insights`, icon: ChartNoAxesColumn, needs: ["view_insights"] },
  {
    path: "/learning",
    label: t`Learning`,
    icon: BrainCircuit,
    needs: ["export_labels", "view_models"],
  },
  { path: "/devices", label: t`Devices`, icon: BadgeCheck, needs: ["view_devices"] },
];

export function pagesFor(me: Me): NavPage[] {
  return PAGES.filter((page) => page.needs.some((need) => me.permissions.includes(need)));
}

/** Whether `me` may open `path`; pages that ask for nothing are open to all signed in. */
export function mayOpen(me: Me, path: string): boolean {
  const page = PAGES.find(({ path: root }) => path === root || path.startsWith(`${root}/`));
  return page === undefined || page.needs.some((need) => me.permissions.includes(need));
}

/** Where a fresh sign-in lands: the first page of this person's rail. */
export function homeOf(me: Me): string | null {
  return pagesFor(me)[0]?.path ?? null;
}
