import { QueryClientProvider } from "@tanstack/react-query";
import { useMemo } from "react";
import { RouterProvider } from "react-router";

import { createQueryClient } from "@/api/queries";
import { ShortcutProvider } from "@/ui/shortcuts";

import { createRouter } from "./router";

export function App() {
  const client = useMemo(() => createQueryClient(), []);
  const router = useMemo(() => createRouter(), []);
  return (
    <QueryClientProvider client={client}>
      <ShortcutProvider>
        <RouterProvider router={router} />
      </ShortcutProvider>
    </QueryClientProvider>
  );
}
