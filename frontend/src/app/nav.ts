/** The pages of the rail and the palette, and who may open them. */
import {
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

/** Users, departments and tokens: Django's own pages, outside this app. */
export const ADMIN_URL = "/admin/";

export interface NavPage {
  path: string;
  label: string;
  icon: LucideIcon;
  /** Any one of these opens the page. */
  needs: readonly Permission[];
}

const PAGES: readonly NavPage[] = [
  { path: "/worklists", label: "Worklist", icon: ListChecks, needs: ["read_cases"] },
  { path: "/upload", label: "Upload", icon: FileUp, needs: ["upload"] },
  { path: "/me/reading", label: "My reading", icon: Glasses, needs: ["read_cases"] },
  { path: "/practice", label: "Practice", icon: GraduationCap, needs: ["read_cases"] },
  { path: "/quarantine", label: "Quarantine", icon: ShieldAlert, needs: ["view_quarantine"] },
  { path: "/audit", label: "Audit", icon: ScrollText, needs: ["view_audit"] },
  { path: "/insights", label: "Insights", icon: ChartNoAxesColumn, needs: ["view_insights"] },
  {
    path: "/learning",
    label: "Learning",
    icon: BrainCircuit,
    needs: ["export_labels", "view_models"],
  },
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
