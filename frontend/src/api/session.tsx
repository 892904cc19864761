/** Who is signed in, for every screen below the session gate. */
import { createContext, use } from "react";

import type { Me, Permission } from "./types";

const MeContext = createContext<Me | null>(null);

export const MeProvider = MeContext.Provider;

export function useMe(): Me {
  const me = use(MeContext);
  if (me === null) throw new Error("useMe needs the session gate above it");
  return me;
}

export function may(me: Me, permission: Permission): boolean {
  return me.permissions.includes(permission);
}

/** The sign-in page, which brings the reader back here. */
export function signInUrl(location: Location = window.location): string {
  return `/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
}
